"""A migration that draws the state of all models once, not after each of its operations.

Django draws the classes of the models anew after every operation, and every model here is related to nearly all
others: of the twenty seconds of an empty database's migrations one was the database's own. What a migration only adds
is independent of the order inside it, so its tables may be made as they stand at its end.
"""

from typing import ClassVar

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

_INTO_A_TABLE = (migrations.AddField, migrations.AddIndex, migrations.AddConstraint)
_ADDS = (migrations.CreateModel, AddTrigger, migrations.RunSQL, CreateExtension, *_INTO_A_TABLE)


class Migration(migrations.Migration):
    """Applied in one go when it only adds; operation by operation, as Django does, when it changes or takes away."""

    operations: ClassVar[list[Operation]] = []

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """The state after this migration; the same tables, whichever way is gone."""
        if collect_sql or not all(map(_only_adds, self.operations)):
            return super().apply(project_state, schema_editor, collect_sql)
        before = project_state.clone()
        self._change(project_state)
        made: set[str] = set()
        for one in self.operations:
            if isinstance(one, migrations.CreateModel):
                made.add(one.name_lower)
            elif isinstance(one, _INTO_A_TABLE) and one.model_name.lower() in made:
                continue  # its table was made with it
            one.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state

    def _change(self, state: ProjectState) -> None:
        drawn = state.__dict__.pop("apps", None)
        touched = set()
        for one in self.operations:
            one.state_forwards(self.app_label, state)
            if isinstance(one, migrations.CreateModel):
                touched.add((self.app_label, one.name_lower))
            elif isinstance(one, (AddTrigger, *_INTO_A_TABLE)):
                touched.add((self.app_label, one.model_name.lower()))
        if drawn is not None:
            state.__dict__["apps"] = drawn
            state.reload_models(sorted(touched), delay=False)


def _only_adds(one: Operation) -> bool:
    # SQL that says of itself what it did to the models may have taken something away.
    return isinstance(one, _ADDS) and not getattr(one, "state_operations", None)
