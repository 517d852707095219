# La consola: gráficas.

console-screen-charts = Gráficas

console-charts-nowhere = Ábrela desde un caso, o pulsa f y escribe la clave de un municipio.
console-charts-how = Personas, de 15 en 15; a tiempo: de las primeras respuestas debidas. No se muestran los grupos de 10 o menos, ni algunos junto a ellos.
console-charts-few = Muy pocas personas reportaron algo: no se puede mostrar nada.
console-chart-by-topic = por tema
console-chart-by-office = por oficina
console-chart-by-day = por día
console-chart-days = últimos { $days } días
console-chart-people = al menos { $people } personas
console-chart-people-few = pocas personas
console-chart-others = otros (no se muestran)
console-chart-head-name = Grupo
console-chart-head-people = Gente
console-chart-head-kept = A tiempo
console-chart-head-disputed = Disputas

console-want-municipality = Clave del municipio

console-do-go-charts = a las gráficas
console-do-range = otro periodo
console-do-group = agrupar por tema, oficina o día
console-do-other-municipality = otro municipio, por su clave
console-municipality-none = No hay municipio con esa clave. f pide otra: son cinco cifras, como 12066, no el nombre.
console-key-range = periodo
console-key-group = agrupa
console-key-other-municipality = lugar

console-plain-charts = Gráficas de { $place }, { $group }, { $days }:
console-plain-chart-row = { $name }: personas { $people }, a tiempo { $kept }, disputas { $disputed }
console-plain-chart-choices = g otro grupo, r otro periodo, m otro municipio, p guarda los tiempos de respuesta como imagen, q vuelve a los casos.

console-do-save-chart = guardar la gráfica en un archivo
console-key-save-chart = guarda
console-pick-chart = ¿Cuál gráfica se guarda?
console-chart-of-bars = barras junto a sus similares
console-chart-of-trend = tendencia
console-chart-of-family = dónde está entre sus similares
console-chart-of-country = dónde está en el país
console-chart-kept = La gráfica está en { $path }.
console-chart-not-kept = La gráfica no se pudo guardar: revisa el disco y la carpeta donde abriste la consola.
