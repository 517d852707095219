# What charts say, inside the picture: the same words and figures as the texts.

chart-value = { $value } { $label } ({ $year })
chart-rank = { $rank } of { $size } { $peers }
chart-rank-tied = { $rank } of { $size } { $peers } (tied)
chart-rank-but = { $rank }, but { $ten } of every 10 { $absolute }
chart-median = median { $median }
chart-newer = { $place } is newer than the data of { $year }: there are no figures yet.
chart-absent = no figure
chart-topic = { $topic }: { $label }
chart-source = Source: { $source }, { $year }
chart-mark = { $place } { $value }
chart-mark-mean = { $place } { $value }, mean of municipalities
chart-mark-country = country { $value }
chart-mark-country-mean = country { $value }, mean of municipalities
chart-counted = { $count } { $municipalities }, by their figure

## Demands

chart-demand = Demand { $code }, { $place }
chart-total = { $total } signatures
chart-total-one = 1 signature
chart-missing = { $missing } still missing
chart-state = State: { $state }
chart-support = Signatures that count
chart-support-on = Signatures as of { $date }

## Answer times

chart-times = Working days until the answer: half took less.
chart-times-none = Very few answers so far.
chart-office = { $office } ({ $count })
chart-days = { $days } days
chart-days-late = { $days } days, late
chart-few = few people
chart-limit = In brackets, how many people at least; the stroke is the time allowed.
chart-more = And { $count } more offices.
chart-cases = Source: cases from { $from } to { $until }
