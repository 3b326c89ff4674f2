"""RunEvent: the truth about a run. Snapshot, Telling and Blob keep reading it cheap; BlobUse says
which blobs a run needs."""

from django.db import models

from studio.models.runs import Run


class RunEvent(models.Model):
    """One numbered, append-only fact of a Run. The unique (run, seq) fences its drivers."""

    id = models.BigAutoField(primary_key=True)
    # The unique constraint's index serves every read by run: a second one would double the writes.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    node = models.CharField(max_length=200, null=True, blank=True)
    activation = models.PositiveIntegerField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(null=True, blank=True)
    data = models.TextField(help_text="JSON text; values over 32 KiB are references to blobs.")

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Snapshot(models.Model):
    """A folded marking and state of a Run at a seq, so that reading a long journal stays cheap."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    seq = models.PositiveIntegerField()
    data = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="snapshot_seq_once")]

    def __str__(self) -> str:
        return f"{self.run_id}@{self.seq}"


class Telling(models.Model):
    """What the nodes and edges of a long Run did up to a seq at which it has a Snapshot.

    Kept so that its page need not read the journal whole. Deleting it loses nothing.
    """

    run = models.OneToOneField(
        Run, primary_key=True, on_delete=models.CASCADE, related_name="telling"
    )
    seq = models.PositiveIntegerField()
    data = models.TextField(help_text="JSON text.")

    def __str__(self) -> str:
        return f"{self.run_id}@{self.seq}"


class Blob(models.Model):
    """A large value, stored once under the SHA-256 of its JSON text."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField(help_text="Bytes of the JSON text.")
    data = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256


class BlobUse(models.Model):
    """A run's journal or a snapshot of it refers to a blob. Written with the reference."""

    id = models.BigAutoField(primary_key=True)
    # The unique constraint's index serves every look by run.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_index=False)
    blob = models.ForeignKey(
        Blob, on_delete=models.PROTECT, related_name="uses", db_column="sha256"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "blob"], name="blob_use_once")]

    def __str__(self) -> str:
        return f"{self.blob_id} in {self.run_id}"
