"""What somebody does with the client of Python that openapi-generator makes."""

import os

from openapi_client import ApiClient, Configuration, CreateProductApi, GetProductApi, ImportProductsApi, ListProductsApi
from openapi_client.models import ProductCreation, ProductCreationPrice

configuration = Configuration(host=os.environ["API_URL"], access_token=os.environ["API_TOKEN"])
with ApiClient(configuration) as client:
    bun = ProductCreation(name="Python", price=ProductCreationPrice("24.90"), quantity=12)
    created = CreateProductApi(client).create_product(bun)
    assert created.price == "24.90" and created.created_at.tzinfo is not None, created
    assert GetProductApi(client).get_product(created.id) == created
    imported = ImportProductsApi(client).import_products([bun, bun])
    assert [product.name for product in imported.items] == ["Python", "Python"], imported
    listed = ListProductsApi(client).list_products(limit=100)
    assert {created.id, *(product.id for product in imported.items)} <= {product.id for product in listed.items}, listed
