# Buenas prácticas

best-practice = Así le hizo { $place }: VER { $code }.
best-practice-short = Cómo le hizo: VER { $code }.
highlight-card = { $place }, práctica { $code }: { $title } { $done }
highlight-moved = De { $before } a { $after } { $label } ({ $from }-{ $until }, { $source }).
highlight-cost = Costo: { $cost }
highlight-contact = Pregunta a: { $contact }
highlight-learned = Lo que se aprendió: { $learned }
highlight-ask-helped = ¿Te sirvió? 1 Sí 2 Más o menos 3 No
highlight-thanks = Gracias, queda anotado. VER muestra otras prácticas.
highlight-list = Prácticas de { $municipalities } similares a { $place }: { $list }.
highlight-list-short = Prácticas: { $list }.
highlight-item = VER { $code } { $place } ({ $topic })
highlight-item-short = VER { $code }
highlight-more = MAS.
highlight-none = Aún no hay prácticas publicadas de { $municipalities } similares a { $place }. MEJORES dice a quién le va mejor.
highlight-unknown = No hay una práctica publicada con el número { $code }. VER muestra las que hay.
