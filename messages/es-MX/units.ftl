# Formas de escribir cifras y listas. Español de México: completo.
language-name = Español
language-other-names = castellano, español mexicano, spanish, es
value-percent = { $number }%
value-plain = { $number }
list-two = { $first } y { $second }
list-or = { $first } o { $second }
