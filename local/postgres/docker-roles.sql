-- For the Postgres of Docker Compose, at its first start. The role of the application is no superuser, as on Neon; the superuser has
-- no password, so it is let in only inside the container: `docker compose exec postgres psql -U postgres`.
create role products login createdb password 'products';
create role products_writer login password 'products'; -- for Workers, with what the migrations let them do
create role products_reader login password 'products';
grant products_writer, products_reader to products; -- who then may end their connections, to drop a database
create database products owner products;
alter role postgres password null;
