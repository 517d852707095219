# Good practices

best-practice = How { $place } did it: SEE { $code }.
best-practice-short = How it was done: SEE { $code }.
highlight-card = { $place }, practice { $code }: { $title } { $done }
highlight-moved = From { $before } to { $after } { $label } ({ $from }-{ $until }, { $source }).
highlight-cost = Cost: { $cost }
highlight-contact = Ask: { $contact }
highlight-learned = What was learned: { $learned }
highlight-ask-helped = Did it help you? 1 Yes 2 More or less 3 No
highlight-thanks = Thank you, it is noted. SEE shows other practices.
highlight-list = Practices of { $municipalities } like { $place }: { $list }.
highlight-list-short = Practices: { $list }.
highlight-item = SEE { $code } { $place } ({ $topic })
highlight-item-short = SEE { $code }
highlight-more = MORE.
highlight-none = No { $municipalities } like { $place } have published practices yet. BEST says who does better.
highlight-unknown = There is no published practice with the number { $code }. SEE shows those there are.
