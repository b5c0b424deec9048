"""The products of the shop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    code: str
    cost: int  # what the shop pays, in cents
    price: int  # what customers pay, in cents

    @property
    def margin(self):
        return self.price - self.cost


class Catalog:
    def __init__(self, products):
        self._products = {product.code: product for product in products}

    def __getitem__(self, code):
        return self._products[code]

    def __contains__(self, code):
        return code in self._products
