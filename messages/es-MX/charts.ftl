# Lo que dicen las gráficas, dentro de la imagen: las mismas palabras y cifras que los textos.

chart-value = { $value } { $label } ({ $year })
chart-rank = { $rank } de { $size } { $peers }
chart-rank-tied = { $rank } de { $size } { $peers } (empate)
chart-rank-but = { $rank }, pero { $ten } de cada 10 { $absolute }
chart-median = mediana { $median }
chart-newer = { $place } es más nuevo que los datos de { $year }: aún no hay cifras.
chart-absent = sin dato
chart-topic = { $topic }: { $label }
chart-source = Fuente: { $source }, { $year }
chart-mark = { $place } { $value }
chart-mark-mean = { $place } { $value }, promedio de municipios
chart-mark-country = país { $value }
chart-mark-country-mean = país { $value }, promedio de municipios
chart-counted = { $count } { $municipalities }, según su cifra

## Demandas

chart-demand = Demanda { $code }, { $place }
chart-total = { $total } firmas
chart-total-one = 1 firma
chart-missing = Faltan { $missing } para la meta
chart-state = Estado: { $state }
chart-support = Firmas que cuentan para la meta
chart-support-on = Firmas contadas el { $date }

## Tiempos de respuesta

chart-times = Días hábiles hasta la respuesta: la mitad tardó menos.
chart-times-none = Aún hay muy pocas respuestas.
chart-office = { $office } ({ $count })
chart-days = { $days } días
chart-days-late = { $days } días, tarde
chart-few = pocas personas
chart-limit = Entre paréntesis, cuántas personas al menos; la raya es el plazo.
chart-more = Y { $count } dependencias más.
chart-cases = Fuente: casos del { $from } al { $until }
