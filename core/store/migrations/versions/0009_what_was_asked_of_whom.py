"""what was asked of whom"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("assets", sa.Column("made_as", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_assets_made_as"), "assets", ["made_as"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_assets_made_as"), table_name="assets")
    op.drop_column("assets", "made_as")
