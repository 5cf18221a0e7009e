"""clips that were taken apart, and their scenes"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "clips",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("asset_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.String(length=60), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clips")),
        sa.UniqueConstraint("job_id", name=op.f("uq_clips_job_id")),
    )
    op.create_index("ix_clips_asset", "clips", ["asset_id", "created_at"])
    op.create_index("ix_clips_user", "clips", ["user_id", "created_at"])
    op.create_table(
        "scenes",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("clip_id", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Float(), nullable=False),
        sa.Column("end_s", sa.Float(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_scenes_clip_id_clips"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenes")),
        sa.UniqueConstraint("clip_id", "number", name=op.f("uq_scenes_clip_id_number")),
    )


def downgrade() -> None:
    op.drop_table("scenes")
    op.drop_table("clips")
