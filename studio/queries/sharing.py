"""With whom a workflow is shared."""

from django.db.models import QuerySet

from studio.models import Grant, Workflow


def grants(workflow: Workflow) -> QuerySet[Grant]:
    """The grants of one workflow, with everything that lists show of them."""
    return Grant.objects.filter(workflow=workflow).select_related(
        "user", "group", "created_by", "workflow__owner"
    )
