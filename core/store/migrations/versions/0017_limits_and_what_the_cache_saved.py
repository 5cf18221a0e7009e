"""classes of cached answers and what they saved, one asker per question, limits over an hour and a day"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("cached_answers") as batch_op:
        batch_op.add_column(sa.Column("cache_class", sa.String(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("cost_usd", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.create_index("ix_cached_answers_provider_class", ["provider", "cache_class"])
    op.create_table(
        "cache_counts",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cache_class", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Integer(), nullable=False),
        sa.Column("saved_usd", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "kind", "cache_class", "day", name=op.f("pk_cache_counts")),
    )
    op.create_table(
        "askings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("asker", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("cache_class", sa.String(length=20), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_askings")),
    )
    op.create_table(
        "provider_pauses",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_pauses")),
    )
    op.create_table(
        "provider_configs",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("rate_limit", sa.JSON(), nullable=False),
        sa.Column("cache_ttl", sa.JSON(), nullable=False),
        sa.Column("updated_by", sa.String(length=60), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_configs")),
    )
    with op.batch_alter_table("permits") as batch_op:
        batch_op.drop_index("ix_permits_provider")
        batch_op.create_index("ix_permits_provider_taken_at", ["provider", "taken_at"])
        batch_op.create_index("ix_permits_provider_returned_at", ["provider", "returned_at"])


def downgrade() -> None:
    with op.batch_alter_table("permits") as batch_op:
        batch_op.drop_index("ix_permits_provider_returned_at")
        batch_op.drop_index("ix_permits_provider_taken_at")
        batch_op.create_index("ix_permits_provider", ["provider"])
    for name in ("provider_configs", "provider_pauses", "askings", "cache_counts"):
        op.drop_table(name)
    with op.batch_alter_table("cached_answers") as batch_op:
        batch_op.drop_index("ix_cached_answers_provider_class")
        batch_op.drop_column("cost_usd")
        batch_op.drop_column("cache_class")
