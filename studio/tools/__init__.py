"""Tools of the library that need Django: e-mail and the tables of the operator's own apps."""
