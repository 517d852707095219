# How figures and lists are written. English: complete.
language-name = English
language-other-names = inglés, ingles
value-percent = { $number }%
value-plain = { $number }
list-two = { $first } and { $second }
list-or = { $first } or { $second }
