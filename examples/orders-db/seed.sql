-- A small shop: what its support team works with (shop), and what it must not see (hr).

CREATE SCHEMA shop;
CREATE SCHEMA hr;

CREATE TABLE shop.customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  city text NOT NULL,
  since date NOT NULL
);

CREATE TABLE shop.orders (
  id integer PRIMARY KEY,
  customer integer NOT NULL REFERENCES shop.customers ON DELETE CASCADE,
  item text NOT NULL,
  total numeric(8, 2) NOT NULL,
  refunded numeric(8, 2) NOT NULL DEFAULT 0,
  status text NOT NULL,
  placed date NOT NULL
);

CREATE TABLE hr.salaries (
  employee text PRIMARY KEY,
  role text NOT NULL,
  salary integer NOT NULL
);

INSERT INTO shop.customers VALUES
  (1, 'Marta Nowak', 'marta.nowak@example.com', 'Kraków', '2019-03-14'),
  (2, 'Jonas Weber', 'jonas.weber@example.com', 'Leipzig', '2020-11-02'),
  (3, 'Aoife Byrne', 'aoife.byrne@example.com', 'Galway', '2021-06-21'),
  (4, 'Luca Ferri', 'luca.ferri@example.com', 'Torino', '2021-09-30'),
  (5, 'Inés Ortega', 'ines.ortega@example.com', 'Sevilla', '2022-01-17'),
  (6, 'Pieter de Vries', 'pieter.devries@example.com', 'Utrecht', '2023-05-08'),
  (7, 'Hanna Lind', 'hanna.lind@example.com', 'Malmö', '2024-02-26'),
  (8, 'Tomáš Dvořák', 'tomas.dvorak@example.com', 'Brno', '2025-10-12');

INSERT INTO shop.orders VALUES
  (1031, 2, 'Bookshelf, oak', 249.00, 0, 'delivered', '2026-10-02'),
  (1032, 5, 'Desk lamp', 38.50, 0, 'delivered', '2026-10-05'),
  (1033, 1, 'Wool rug 160x230', 319.00, 0, 'delivered', '2026-10-09'),
  (1034, 8, 'Coat hooks, set of 4', 18.90, 0, 'delivered', '2026-10-13'),
  (1035, 3, 'Dining table, ash', 890.00, 0, 'delivered', '2026-10-20'),
  (1036, 4, 'Wall clock', 44.00, 44.00, 'refunded', '2026-10-22'),
  (1037, 6, 'Office chair', 279.00, 0, 'delivered', '2026-10-29'),
  (1038, 2, 'Shelf brackets', 12.60, 0, 'delivered', '2026-11-03'),
  (1039, 7, 'Sofa, three seats', 1290.00, 0, 'shipped', '2026-11-10'),
  (1040, 1, 'Cushions, pair', 34.00, 0, 'shipped', '2026-11-14'),
  (1041, 3, 'Sideboard, walnut', 940.00, 0, 'paid', '2026-11-18'),
  (1042, 5, 'Picture frames, set of 3', 27.80, 0, 'paid', '2026-11-19');

INSERT INTO hr.salaries VALUES
  ('Clara Stein', 'managing director', 142000),
  ('Ravi Menon', 'head of engineering', 118000),
  ('Elena Rossi', 'support lead', 61000),
  ('Oskar Holm', 'warehouse lead', 54000);
