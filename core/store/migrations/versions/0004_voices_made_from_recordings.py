"""voices made from recordings"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "voices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.JSON(), nullable=False),
        sa.Column("licence", sa.JSON(), nullable=False),
        sa.Column("characteristics", sa.JSON(), nullable=False),
        sa.Column("quality_score", sa.Float(), nullable=True),
        sa.Column("engines", sa.JSON(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.Column("sample_text", sa.String(length=500), nullable=False),
        sa.Column("sample_version", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("training_job_id", sa.String(length=60), nullable=True),
        sa.Column("training_started_at", sa.DateTime(), nullable=True),
        sa.Column("training_completed_at", sa.DateTime(), nullable=True),
        sa.Column("usage_count", sa.Integer(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voices")),
    )
    with op.batch_alter_table("voices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voices_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_voices_user_id"), ["user_id"], unique=False)

    op.create_table(
        "voice_files",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("voice_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["voice_id"], ["voices.id"], name=op.f("fk_voice_files_voice_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_files")),
    )
    with op.batch_alter_table("voice_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voice_files_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_voice_files_voice_id"), ["voice_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("voice_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voice_files_voice_id"))
        batch_op.drop_index(batch_op.f("ix_voice_files_sha256"))

    op.drop_table("voice_files")
    with op.batch_alter_table("voices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voices_user_id"))
        batch_op.drop_index(batch_op.f("ix_voices_status"))

    op.drop_table("voices")
