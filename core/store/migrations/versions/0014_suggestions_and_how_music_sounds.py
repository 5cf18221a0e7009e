"""what was made from suggestions, and how recordings sound"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "suggestions",
        sa.Column("job_id", sa.String(length=60), nullable=False),
        sa.Column("scene_id", sa.String(length=60), nullable=False),
        sa.Column("clip_id", sa.String(length=60), nullable=False),
        sa.Column("scene_type", sa.String(length=20), nullable=False),
        sa.Column("genre", sa.String(length=40), nullable=False),
        sa.Column("suggested", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_suggestions")),
    )
    op.create_index("ix_suggestions_scene", "suggestions", ["scene_id"])
    op.create_index("ix_suggestions_user", "suggestions", ["user_id", "scene_type", "genre"])
    op.create_table(
        "sound_features",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sound_features")),
    )


def downgrade() -> None:
    op.drop_table("sound_features")
    op.drop_table("suggestions")
