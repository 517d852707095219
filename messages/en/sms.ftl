# What a person reads on any channel. An SMS writes it in GSM-7; each text, with its longest
# arguments, fits 160 septets. The code joins sentences with a space.

## Comparing

headline = { $place }, { $state }: { $topic } { $value } ({ $year }), { $rank } of { $size } { $peers }, median { $median }.
headline-short = { $place }, { $state }: { $topic } { $value } ({ $year }), { $rank } of { $size } { $peers }, med. { $median }.
headline-alone = { $place }, { $state }: { $topic } { $value } ({ $year }).
headline-absent = { $place }, { $state }: the source does not publish { $topic } ({ $year }).
headline-has = It does have { $topics }.
group-1 = similar
group-2 = in the state
group-other = of group { $family }
extremes = Best: { $best } ({ $bestrank }). Worst: { $worst } ({ $worstrank }).
extremes-same = It ranks { $rank } in all { $count } topics.
extremes-same-seven = It ranks { $rank } in all seven topics.
options-headline = { $worst }, { $other }, REPORT or HELP.
options-headline-short = { $worst }, REPORT or HELP.
options-headline-shortest = { $worst } or REPORT.
options-absent = TOPICS or HELP.

topic = { $place }: { $value } { $label } ({ $year }), { $rank } of { $size } { $peers }, median { $median }.
topic-tied = { $place }: { $value } { $label } ({ $year }), { $rank } of { $size } { $peers } (tied), median { $median }.
topic-but = { $place }: { $value } { $label } ({ $year }), { $rank } of { $size } { $peers }, but { $ten } of every 10 { $absolute }. Median { $median }.
topic-described = { $place }: { $value } { $label } ({ $year }). Median of { $size } { $peers }: { $median }.
topic-alone = { $place }: { $value } { $label } ({ $year }).
topic-best = Best: { $best }, { $state } { $value }.
topic-best-value = Best: { $value }.
topic-is-best = It is the best.
topic-missing = { $place }: the source does not publish { $topic } ({ $year }).
topic-suppressed = { $place }: the source withholds { $topic } ({ $year }): too few cases.
topic-not-applicable = { $place }: { $topic } ({ $year }) is not measured here.
topic-peers-median = Median of { $size } { $peers }: { $median }.
options-topic = MORE, BEST, REPORT.
options-topic-short = MORE or REPORT.
options-missing = TOPICS or HELP.

several = { $topic } ({ $year }): { $list }.
several-item = { $place }, { $state } { $value }
several-item-absent = { $place }, { $state } no figure
several-best = Best: { $place }, { $state }.

newer = { $place }, { $state } is a { $kind }: no figures yet. Its people were counted in { $parents }. { $choices }, REPORT or HELP.
newer-short = { $place }, { $state } is a { $kind }: no figures yet. Counted in { $parents }. { $choices } or HELP.
newer-alone = { $place }, { $state } is a { $kind }: no figures yet. REPORT or HELP.
newer-choice = { $number } See { $place }

## Peers

peers-1 = Group 1 ({ $version }): { $count } alike in { $traits }.
peers-2 = Group 2 ({ $version }): { $municipalities } of { $state }, { $count } besides this one.
peers-3 = Group 3 ({ $version }): { $count } equally rural, of similar population.
peers-4 = Group 4 ({ $version }): { $count } with a similar share of indigenous speakers.
peers-5 = Group 5 ({ $version }): { $count } of similar population.
peers-nearest = The most alike: { $nearest }.
peers-far = { $few } are like this one.
peers-none = No { $municipalities } to compare with: data of { $place } are missing.
options-peers = MORE or GROUP { $next }.
families = Write GROUP and a number: { $options }.
family-1 = 1 most alike
family-2 = 2 in your { $stateword }
family-3 = 3 equally rural
family-4 = 4 similar language
family-5 = 5 similar population
ranks = { $place }, place among similar: { $list }.
ranks-item = { $topic } { $rank }/{ $size }
ranks-item-short = { $topic } { $rank }
ranks-none = no data

areas-official = { $place }: { $value } { $label } ({ $year }). Official figures: { $state } { $statevalue }, country { $countryvalue }.
areas-mean = { $place }: { $value } { $label } ({ $year }). Municipal mean: { $state } { $statevalue }, country { $countryvalue }.
areas-none = There is no figure for the state or the country on { $topic }.

## Years

trend = { $place }, { $topic }: { $points }.
trend-point = { $year } { $value }
trend-point-absent = { $year } no figure
trend-better = { $from } to { $to }: better.
trend-worse = { $from } to { $to }: worse.
trend-rose = { $from } to { $to }: up.
trend-fell = { $from } to { $to }: down.
trend-unclear = { $from } to { $to }: no clear change.
trend-warned = Careful: MORE says why.
trend-broken = { $from } and { $to } are not comparable: the method changed.
trend-broken-short = { $from } and { $to } are not comparable.
trend-one-year = There is a figure for { $year } only.
trend-no-data = No figures for { $place } on { $topic }.
trend-note = { $topic }, { $from } and { $to }: { $note }

## Who

best = Best of { $size } { $peers } in { $topic } ({ $year }): { $list }.
best-own = { $place } ranks { $rank }.
best-item = { $place }, { $state } { $value }
behind-women = { $place }, { $topic } ({ $year }): women { $women }, men { $men }. Women are worse off, by { $gap } points.
behind-men = { $place }, { $topic } ({ $year }): women { $women }, men { $men }. Men are worse off, by { $gap } points.
behind-equal = { $place }, { $topic } ({ $year }): women { $women }, men { $men }. They are equal.
behind-suppressed = The figure by sex for { $place } is withheld: too few cases.
behind-places = No figure by group. Furthest behind of { $size } { $peers } in { $topic } ({ $year }): { $list }.
behind-places-short = No figure by group. Furthest behind in { $topic } ({ $year }): { $list }.
not-judged = { $topic } describes; it is neither good nor bad. TREND { $topic } or TOPICS.

## Definitions and sources

definition = { $definition }
series-definition = { $name } ({ $unit }). { $source }, { $years }.
source-who = { $topic }: { $institution }, { $year }. Licence: { $licence }. MORE.
source-title = Publication: { $publication }.
source-release = Data { $release }, sum { $checksum }. Our own rule: under { $points } points ({ $small } where fewer than { $people } live) is no clear change.
source-release-plain = Data { $release }, checksum { $checksum }.
topics = Topics: { $list }.
topics-more = More topics: { $list }.
more-word = MORE

## The place

which-same = There are { $total } { $name }. Which? { $list }
which-other = Which? { $list }
which-more = { $list }, MORE
which-item = { $number } { $label }
which-place = { $place }, { $state }
which-told-apart = { $state } { $detail }, { $people } people
which-told-apart-plain = { $state } { $detail }
ask-place = Which { $municipality }? Write its name, with the { $stateword } if there are several.
nearest = The nearest is { $place }, { $state } ({ $km } km away). Is it there? 1 Yes 2 No
nearest-here = Is it { $place }, { $state }? 1 Yes 2 No
home-set = Done: your { $municipality } is { $place }, { $state }. MORE for its figures, or a topic: { $topics }.
no-such-place = I cannot find that { $municipality }. Write its full name and the { $stateword }, or its postcode.
far-away = That point is far from every head town I know. Write the name of the { $municipality }.
not-there = Which { $municipality } then? Write its name.

## Manners

greeting = Hello, I am { $service }. Write the name of your { $municipality } and I will tell you how it compares with others like it. HELP says more.
thanks = You are welcome. Write a { $municipality } or a topic: { $topics }. HELP says more.
cost = Writing to me costs what your company charges for an SMS. { $service } charges nothing. HELP says more.
who-answers = I am { $service }, a program that answers with official figures. Nobody asks you for data or money. PRIVACY or HELP.
help = Write your { $municipality } (example: { $example }). Then a topic: { $topics }. REPORT: complain. MY CASES: news. MENU: options. STOP: no alerts. MORE goes on.
help-more = STATUS and your folio: how it goes. DEMANDS, QUESTION, SUGGESTION, AGENT: a person. LANGUAGE, PRIVACY, MY DATA, DELETE. We charge nothing. MORE goes on.
help-compare = BEST, WHO, TREND, GROUP, WHAT IS { $headline }, SOURCE, TOPICS, CHANGE { $municipality }, COMPARE { $example } WITH another.
compare-how = Which { $municipality }? Write its name. You can also write COMPARE { $example } WITH another, or COMPARE { $example } { $headline }.
menu = 1 My { $municipality } 2 Topics 3 Report 4 My cases 5 Help
notice = { $service } answers. I keep your number encrypted and what you write, to reply to you. PRIVACY says more. STOP: no alerts.
privacy = { $service } keeps your number encrypted, what you write, your { $municipality } and language, to answer you. It is not sold or published. MORE.
privacy-more = Your company or Telegram sees your messages too. Do not write what puts you at risk. STOP ends alerts. MY DATA, CORREGIR DATOS or DELETE: yours.
stopped = Done: no more alerts from { $service }. If you ask something, I answer. START to come back.
already-stopped = You had already stopped: we send you no alerts. START to come back.
started = Done: you can get alerts again. Write your { $municipality }. STOP ends them.
already-started = Your alerts are not stopped. Write your { $municipality } or a topic: { $topics }.
ask-stop = Do you want to stop getting messages? 1 Yes 2 No
not-stopped = Fine, nothing changes. Write your { $municipality } or HELP.
cancelled = Done, cancelled. Write your { $municipality } or HELP.
no-more = That is all. Write another topic ({ $topics }), another { $municipality } or HELP.
no-such-choice = That number is not on the list. Write one that you see, or the name. MENU to begin.
hint = I did not understand. Write only the name of your { $municipality }, for example: { $example }. HELP says more.
second-hint = I still do not understand. Try one word: { $topics }, or your postcode. MENU gives options.
kept-for-person = I do not understand, so I kept your message for a person to read. I cannot say when they will answer. MENU gives options.
no-such-family = There is no such group here. GROUP says which there are.
no-such-topic = I do not have that topic. TOPICS gives the list.
only-text = I read text and locations. A photo or voice goes with the report that you open today with REPORT; else it is deleted in 24 hours.
folded = Many of your messages came at once: I kept them all, without answering each. Wait a minute and write just one.
pause = That is many answers in a short time, so I pause. What you write is kept, and STOP always works. Write again later.
languages = Language: { $list }. Write the number.
language-set = Done, in English from now on. Write your { $municipality } or HELP.
language-partial = Some texts are not in this language yet: they come in Spanish.

## What is not open yet

not-open = { $feature } is not open here yet: nothing was done with your message. I can compare your { $municipality }: write its name. HELP.
feature-report = The complaints box
feature-suggestion = The suggestion box
feature-question = The question box
feature-status = The folio look-up
feature-my-cases = The list of your cases
feature-demand = The register of demands
feature-cosign = Signing demands
feature-leader = The register of leaders
feature-commitment = The register of promises
feature-times = The list of answer times
feature-survey = The survey
feature-alerts = The alert service
feature-link = Linking phone and Telegram
feature-my-data = The look-up of your data
feature-fix = Correcting messages
feature-person = Help from a person

## Linking phone and Telegram

link-code-for-telegram = Your code is { $code }. In our Telegram write LINK { $code } within 10 minutes. Give it to nobody: nobody will ask you for it.
link-code-for-sms = Your code is { $code }. From your phone send an SMS that says LINK { $code } within 10 minutes. Give it to nobody.
link-back = One step is left. In the Telegram chat where you asked for the code write LINK { $code } within 10 minutes. Was it not you? Do nothing.
link-ask = Join this chat with the phone that asked for the code? They will be one person. 1 Yes 2 No
link-done = Done: your phone and this chat are one person now. LINK NO parts them.
link-told = Your number was joined with a Telegram chat by the code that you asked for. Was it not you? Write LINK NO and it is parted.
link-not-done = Fine, nothing was joined. For another code write LINK.
link-wrong = That code is no good: it is wrong, used, or older than 10 minutes. For another one write LINK.
link-too-many = Those were 3 wrong codes. Wait 10 minutes and ask for another one with LINK.
link-own = That code is to be written on the other channel, not on this one where you asked for it.
link-how = Write LINK to ask for a code, or LINK and the 6 digits of the one that you have. LINK NO parts.
link-parted = Done: they are not joined any more. To join them again write LINK.
link-not-linked = This channel is not joined with another one. To join it write LINK.

## Your data

privacy-code-sent = I am sending you a 6-digit code in a message of its own. Write it here within 10 minutes: so I know that the number is yours.
privacy-code = Your code to { $what } is { $code }. Answer with the code alone within 10 minutes. Give it to nobody. You did not ask? Do nothing.
privacy-what-access = see your data
privacy-what-correction = correct your data
privacy-what-erasure = delete all your data
privacy-code-waits = I sent you a 6-digit code in another message: write it here. If it does not come, wait 10 minutes and ask again.
privacy-no-more-codes = I sent you 5 codes today. Ask for another tomorrow, or write AGENT to reach a person.
privacy-wrong = That code does not work: it is wrong, used, or over after 10 minutes. For another write MY DATA or DELETE.
privacy-too-many = Those were 3 wrong codes. Wait 10 minutes and ask for another.
privacy-elsewhere = Here I can't check that the number is yours: nothing was done. Ask in our Telegram, or write AGENT to reach a person.
privacy-elsewhere-person = Here I can't check that the number is yours: nothing was done. Write AGENT to reach a person.
privacy-kept = I keep your { $device } encrypted, what you write since { $since }, { $answers } answers, your { $municipality } and language. Reports: { $cases }, open { $open }. MORE.
privacy-demands = Demands that you wrote: { $written }. That you sign, in secret: { $signed }. Alerts that you asked for: { $alerts }.
privacy-feedback = Opinions: { $feedback }.
privacy-consent = You agreed to notice { $version } on { $date }.
privacy-no-consent = You have not agreed to the notice for reports.
privacy-joined = Your phone and Telegram are linked.
privacy-stopped = Alerts: refused.
privacy-not-stopped = Alerts: allowed.
privacy-next = CORREGIR DATOS or DELETE.
privacy-ask-erase = Delete your number or chat, your messages and your reports? Only counts stay, without your words. It can't be undone. 1 Yes 2 No
privacy-ask-erase-later = Still open: { $list }. If you agree, it stays until closed, then I delete all. It can't be undone. Delete? 1 Yes 2 No
privacy-and-more = { " " }and { $count } more
privacy-cases = { $count } of your reports
privacy-erasing = Done: no more alerts, and by { $by } at the latest I delete your number or chat, your messages and reports. Not you? Write AGENT.
privacy-erasing-later = Done: no more alerts. When your reports are closed I delete all, within 15 days. Not you? Write AGENT.
privacy-not-erased = Fine, I delete nothing. MY DATA says what I keep.
privacy-ask-words = Which of your data is wrong, and what should it say? Write it in one message.
privacy-noted = Noted. A person corrects it, or tells you why not, by { $by } at the latest.
privacy-already = You asked for that and it is under way. It is settled by { $by } at the latest.
privacy-over = It is long since I asked, so I did nothing. Ask again.
privacy-done = What you asked about your data was done: { $text }
privacy-refused = What you asked about your data was refused: { $text }
date-year = { $day } { $year }

## A corrected figure
correction = We corrected a figure that you saw. { $place }, { $state }, { $topic } { $year }: { $is }, not { $was }. { $source }. STOP ends messages.
correction-short = Corrected: { $place }, { $state }, { $topic } { $year }: { $is }, not { $was }. { $source }
