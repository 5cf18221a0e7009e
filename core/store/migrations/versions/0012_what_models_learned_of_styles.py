"""what models learned of styles"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "style_files",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("style_id", sa.String(length=60), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["style_id"], ["styles.id"], name=op.f("fk_style_files_style_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_style_files")),
        sa.UniqueConstraint("style_id", "engine", "model", name=op.f("uq_style_files_style_id_engine_model")),
    )
    with op.batch_alter_table("style_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_style_files_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_style_files_style_id"), ["style_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("style_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_style_files_style_id"))
        batch_op.drop_index(batch_op.f("ix_style_files_sha256"))

    op.drop_table("style_files")
