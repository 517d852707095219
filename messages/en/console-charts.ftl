# The staff console: charts.

console-screen-charts = Charts

console-charts-nowhere = Open this from a case, or press f and write the key of a municipality.
console-charts-how = Numbers of people, in steps of 15; in time: of the first answers that were owed. Groups of 10 or fewer are not shown, and some beside them neither.
console-charts-few = Too few people reported something: nothing can be shown.
console-chart-by-topic = by topic
console-chart-by-office = by office
console-chart-by-day = by day
console-chart-days = last { $days } days
console-chart-people = >={ $people } people
console-chart-people-few = few people
console-chart-others = others (not shown)
console-chart-head-name = Group
console-chart-head-people = People
console-chart-head-kept = In time
console-chart-head-disputed = Disputed

console-want-municipality = Official key of the municipality

console-do-go-charts = to the charts
console-do-range = another stretch of time
console-do-group = group by topic, office or day
console-do-other-municipality = another municipality, by its key
console-municipality-none = There is no municipality with that key. f asks for another: five digits, like 12066, not the name.
console-key-range = range
console-key-group = group
console-key-other-municipality = place

console-plain-charts = Charts of { $place }, { $group }, { $days }:
console-plain-chart-row = { $name }: people { $people }, in time { $kept }, disputed { $disputed }
console-plain-chart-choices = g another group, r another stretch of time, m another municipality, p saves answer times as a picture, q goes to the cases.

console-do-save-chart = save the chart in a file
console-key-save-chart = save
console-pick-chart = Which chart is saved?
console-chart-of-bars = bars beside its peers
console-chart-of-trend = trend
console-chart-of-family = where it stands among its peers
console-chart-of-country = where it stands in the country
console-chart-kept = The chart is in { $path }.
console-chart-not-kept = The chart could not be saved: check the disk and the folder where the console was started.
