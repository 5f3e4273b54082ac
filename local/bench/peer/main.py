"""The same three calls as one would write them in Python: FastAPI on uvloop, a pool of psycopg, one long-lived producer.

It answers after send(), before Kafka has anything, and what it has not sent yet is lost with the process: the row is
there then, and its event is not.
"""

import json
import os
from contextlib import asynccontextmanager
from decimal import Decimal

from fastapi import FastAPI, HTTPException
from kafka import KafkaProducer
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

TABLE = """
    create table if not exists peer_products (
        id bigserial primary key, name text not null, price numeric(12, 2) not null, quantity int not null,
        created_at timestamptz not null default now()
    )"""


@asynccontextmanager
async def lifespan(app: FastAPI):
    url = os.environ["DATABASE_URL"]
    app.state.pool = ConnectionPool(url, min_size=4, max_size=16, kwargs={"row_factory": dict_row})
    with app.state.pool.connection() as connection:
        connection.execute(TABLE)
    app.state.producer = KafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        key_serializer=str.encode,
        value_serializer=lambda value: json.dumps(value).encode(),
    )
    yield
    app.state.producer.close()
    app.state.pool.close()


app = FastAPI(lifespan=lifespan)


class NewProduct(BaseModel):
    name: str = Field(min_length=1)
    price: Decimal = Field(gt=0)
    quantity: int = Field(ge=0)


@app.post("/products", status_code=201)
def create_product(product: NewProduct):
    with app.state.pool.connection() as connection:
        row = connection.execute(
            "insert into peer_products (name, price, quantity) values (%s, %s, %s) returning *",
            (product.name, product.price, product.quantity),
        ).fetchone()
    event = {
        "type": "product.created",
        "product_id": row["id"],
        "pname": row["name"],
        "price": str(row["price"]),
        "quantity": row["quantity"],
        "created_at": row["created_at"].isoformat(),
    }
    app.state.producer.send(os.environ["PRODUCTS_TOPIC"], key=str(row["id"]), value=event)
    return row


@app.get("/products")
def list_products():
    with app.state.pool.connection() as connection:
        return connection.execute("select * from peer_products order by id desc limit 50").fetchall()


@app.get("/products/{product_id}")
def get_product(product_id: int):
    with app.state.pool.connection() as connection:
        row = connection.execute("select * from peer_products where id = %s", (product_id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return row
