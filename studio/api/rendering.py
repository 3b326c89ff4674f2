"""How answers are written: JSON, and nothing else."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from studio.api.encoding import encode


class JSONRenderer(BaseRenderer):
    """Plain values to UTF-8 JSON. An answer without a body stays without one."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else encode(data)
