# Run once by PostgreSQL's image, when the cluster is made: the hub's role and its database. The role
# owns the database and is no superuser. The superuser loses its password: it comes in through the
# container's own socket only.
psql --set=ON_ERROR_STOP=1 --set=password="$(cat /run/secrets/database_password)" --username=postgres <<'SQL'
CREATE ROLE hub LOGIN PASSWORD :'password';
CREATE DATABASE hub OWNER hub ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
ALTER ROLE postgres PASSWORD NULL;
SQL
