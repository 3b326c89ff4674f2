"""Tables of an app such as an operator has."""

import uuid
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=40, unique=True)
    password = models.CharField(max_length=40, default="hunter2")
    joined = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    number = models.UUIDField(default=uuid.uuid4)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    status = models.CharField(max_length=10, choices=[(s, s) for s in ("new", "paid", "sent")])
    total = models.DecimalField(
        max_digits=8, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(0)]
    )
    at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    more = models.JSONField(default=dict, blank=True)
    urgent = models.BooleanField(default=False)
    blob = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return str(self.number)

    def clean(self) -> None:
        if self.status == "sent" and not self.total:
            raise ValidationError("nothing to send")
