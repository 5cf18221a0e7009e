"""trials and what was chosen"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("job_id", sa.String(length=60), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("axes", sa.JSON(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=40), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.String(length=60), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_trials_job_id"), "trials", ["job_id"], unique=False)
    op.create_index(op.f("ix_trials_user_id"), "trials", ["user_id"], unique=False)
    op.create_table(
        "trial_choices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("trial_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("winner", sa.Integer(), nullable=True),
        sa.Column("tie", sa.Boolean(), nullable=False),
        sa.Column("pairs", sa.JSON(), nullable=False),
        sa.Column("heard", sa.JSON(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("trial_id", "user_id"),
    )
    op.create_index(op.f("ix_trial_choices_trial_id"), "trial_choices", ["trial_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_trial_choices_trial_id"), table_name="trial_choices")
    op.drop_table("trial_choices")
    op.drop_index(op.f("ix_trials_user_id"), table_name="trials")
    op.drop_index(op.f("ix_trials_job_id"), table_name="trials")
    op.drop_table("trials")
