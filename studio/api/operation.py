"""The base of every view: shaped bodies in, found objects or 404, JSON out."""

from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.openapi import AutoSchema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from studio.actions.permission import require
from studio.api import answers, guard, rates
from studio.api.problems import ApiError
from studio.api.serializers import Shape
from studio.rights import Verb

M = TypeVar("M", bound=Model)
R = TypeVar("R")


class Described(AutoSchema):
    """Operations named after their class, each with the shape of its errors."""

    def get_operation_id(self) -> str:
        return f"{self.method.lower()}{type(self.view).__name__}"

    def get_response_serializers(self) -> Any:
        found = super().get_response_serializers()
        return {**found, "4XX": answers.ERROR} if isinstance(found, dict) else found


class JsonOnly(DefaultContentNegotiation):
    """Answers are JSON whatever is accepted, and `?format=` belongs to the operation."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        if request.content_type == parsers[0].media_type:
            return parsers[0]
        return super().select_parser(request, parsers)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Operation(APIView):
    """One resource; each method is one operation."""

    content_negotiation_class = JsonOnly
    schema = Described()
    json_limits = guard.DOCUMENT
    invalid_status = 400
    """The status of a body of the wrong shape."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        # Views of Django and requests of REST framework hold themselves, and with that everything
        # of a request: the collector of circles took a tenth of the time of short ones.
        vars(self).pop("head", None)
        self.request.parser_context = {}
        return answer

    def check_throttles(self, request: Request) -> None:
        rates.check(request)

    # None of these keeps anything of a request: one of each is enough for all of them.

    def get_authenticators(self) -> Any:
        return _one_each(tuple(self.authentication_classes))

    def get_permissions(self) -> Any:
        return _one_each(tuple(self.permission_classes))

    def get_parsers(self) -> Any:
        return _one_each(tuple(self.parser_classes))

    def shaped(self, shape: type[Shape], data: Any) -> dict[str, Any]:
        """The members of a body or query, checked. Raises the error that names each wrong one."""
        try:
            return cast(dict[str, Any], _checker(shape).run_validation(data))
        except ValidationError:
            serializer = shape(data=data)
            serializer.is_valid(raise_exception=True)
            return cast(dict[str, Any], serializer.validated_data)

    def body(self, shape: type[Shape]) -> dict[str, Any]:
        return self.shaped(shape, self.request.data)

    def query(self, shape: type[Shape]) -> dict[str, Any]:
        return self.shaped(shape, self.request.query_params.dict())


class AccountOperation(Operation):
    """About the tokens and secrets of an account: closed to tokens that may not do everything."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        require(user_of(request), Verb.ACCOUNT)


@cache
def _one_each(classes: tuple[Any, ...]) -> list[Any]:
    return [each() for each in classes]


@cache
def _checker(shape: type[Shape]) -> Shape:
    """One of each shape for the bodies that fit: copying its fields costs more than the checks."""
    return shape()


def user_of(request: Request) -> User:
    """The user of an authenticated request."""
    return cast(User, request.user)


def found(rows: QuerySet[M, R], public_id: UUID | str, message: str) -> R:
    """The visible row of this id. Somebody else's and none at all look the same: 404."""
    try:
        return rows.get(public_id=public_id)
    except ObjectDoesNotExist:
        raise ApiError(404, "E_NOT_FOUND", message) from None
