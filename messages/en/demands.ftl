# Demands, commitments and alerts. Each text, with its longest arguments, fits 160 septets; the formal answer fits
# two segments. None says whether anybody signed before.

## Signing

demand-unknown = There is no public demand with the code { $code }. DEMANDS shows those of your { $municipality }.
demand-needs-code = Write the word with the code of the demand, like this: SIGN 123. DEMANDS shows the codes of your { $municipality }.
demand-ask-sign = { $code } in { $place }: { $text } Do you sign? 1 Yes 2 No
demand-not-signed = Fine, nothing was signed. DEMANDS shows others.
demand-signed = Done: your signature is on { $code }. { $total } so far, { $missing } missing. Nobody sees who signs. RETIRO { $code } takes it back, BAJA { $code } ends its news.
demand-signed-enough = Done: your signature is on { $code }. { $total } so far, that is enough. Nobody sees who signs. RETIRO { $code } takes it back, BAJA { $code } ends its news.
demand-signed-for = Done: her signature is on { $code }. { $total } so far, { $missing } missing. Nobody sees who signs. Only her phone takes it back: RETIRO { $code }.
demand-signed-merged = { $merged } goes on in { $code }: your signature is there. { $total } so far, { $missing } missing. RETIRO { $code } takes it back, BAJA { $code } ends its news.
demand-retired = Done: there is no signature of yours on { $code }. { $total } so far. SIGN { $code } puts it there.
demand-late = { $code } was answered: it can't be signed or taken back. PROMISE { $code } tells the answer.
demand-over = The demand { $code } is closed. DEMANDS shows those that go on.
demand-acta-sent = Thank you. A person looks at the photo of the list and adds it to { $code } as paper support. If there was no photo, send it with the text ACTA { $code }.
demand-acta-by-telegram = The list of { $code } is sent as a photo by Telegram, with the text ACTA { $code }. You can also take it to the office.
demand-acta-not-yours = The list of { $code } is sent by who wrote the demand or by a verified leader. To be one write LEADER.
demand-ask-withdraw = You wrote { $code }. What do you take back? 1 Only my signature 2 The whole demand
demand-withdrawn = Done: you took back the demand { $code }. It can't be signed any more.
demand-not-withdrawn = { $code } can't be taken back any more: it has enough support, or goes on in another one. DEMAND { $code } says how it stands.
demand-prove-withdraw = Your code to take back the whole demand { $code } is { $digits }. Answer with the code alone within 10 minutes. You did not ask? Do nothing.
demand-prove-merge = Your code to join your { $code } with another demand is { $digits }. Answer with the code alone within 10 minutes. You did not ask? Do nothing.
demand-prove-wrong = That code does not work: it is wrong, used, or over after 10 minutes. Nothing was changed.
demand-offer = { $total } people ask for it already ({ $topic }). Join them: SIGN { $code }
demand-offer-one = Somebody asks for it already ({ $topic }). Join: SIGN { $code }

## Confirming

demand-confirmed = You confirmed { $code }: { $text } It counts as your signature; RETIRO { $code } takes it back.
demand-own = { $code } is yours. Two more people must send CONFIRMO { $code } from their own numbers.
demand-public = { $code } is public already. To support it: SIGN { $code }
demand-moderated = { $code } is confirmed. A person reads it before it is public.
demand-tries = Those were many wrong codes. Try again in an hour.

## Reading

demand-show = { $code } in { $place }: { $text } { $state }
demand-show-collecting = { $total }, { $missing } to go. SIGN { $code }
demand-show-reached = { $total } signed: enough.
demand-show-with_authority = { $total } signed. An answer is owed.
demand-show-answered = { $total } signed, answered. MORE
demand-show-followed = { $total } signed, promise made. MORE
demand-show-archived = Closed with { $total } signatures.
demand-show-expired = Not enough signed in time: { $total }.
demand-show-other = It is not public yet.
demand-list = Demands in { $place }: { $list }. DEMAND and a code tells which it is.
demand-list-near = Demands near there: { $list }. DEMAND and a code tells which it is.
demand-item = { $code } { $topic } ({ $total })
demand-item-mine = { $code } { $topic } { $state } ({ $total })
demand-more = { $list }, MORE
demand-none-here = There are no public demands in { $place }. Write DEMAND and what you ask for to begin one.
demand-mine = Your demands: { $list }.
demand-none-mine = You wrote no demands from here. Write DEMAND and what you ask for to begin one.
demand-state-confirming = to be confirmed
demand-state-moderation = being read
demand-state-collecting = collecting
demand-state-reached = has enough
demand-state-with_authority = to be answered
demand-state-answered = answered
demand-state-followed = followed
demand-state-archived = closed
demand-state-rejected = refused
demand-state-withdrawn = taken back
demand-state-expired = expired
demand-state-merged = merged

## Writing one

demand-consent = I keep your number encrypted, only for this. What you ask for will be public, you will not. PRIVACY says more. Go on? 1 Yes 2 No
demand-ask-text = What do you ask for? Write it in one message, { $limit } letters or fewer, without names or phone numbers.
demand-text-long = That is { $written } letters and { $limit } fit. Please write it shorter.
demand-text-short = Please write it in words: what you ask for and where. CANCEL to leave it.
demand-text-personal = Everybody will read it: write it without phone numbers, e-mails or data of people.
demand-ask-topic = What is it about? { $list }
demand-ask-topic-more = { $list }, MORE
demand-choice = { $number } { $label }
demand-check = { $place }, { $topic }: { $text } Right? 1 Yes 2 No
demand-opened = Your demand is { $code }. Two more people must send CONFIRMO { $code } to this number, from theirs, within 7 days. Then a person reads it.
demand-dropped = Fine, we leave it: no demand was opened. DEMANDS shows what there is.
demand-too-many = You have 3 open demands already. MIS DEMANDAS shows them.
demand-message-kept = Received. A person reads it, then it goes to those who signed { $code }.
demand-message-waits = A message of yours is being read. Please wait until it is out.
demand-message-from = You can send one message every 3 days. The next from { $date } on.

## Merging

demand-merge-asked = May your { $code } join { $parent }? It asks: { $text } Nobody loses a signature. 1 Yes 2 No
demand-merge-done = Done: your { $code } goes on in { $parent }. We tell those who signed. Each counts once.
demand-merge-over = Your { $code } and { $parent } can't be joined any more: one of them changed. Nothing was moved.
demand-merge-refused = Fine: your { $code } goes on by itself.

## The answer and the promise

demand-answer = Answer to { $code }: { $verdict }. { $reason } { $more } PROMISE { $code } to follow it.
demand-answer-cost = Cost: ${ $cost }.
demand-answer-due = By { $date }.
demand-verdict-accepted = accepted
demand-verdict-partly = accepted in part
demand-verdict-rejected = not accepted
demand-date = { $day } { $year }
demand-commitment = Promise { $code }: { $title }. { $owner }. { $due } { $state }, { $percent }%. Did they? CUMPLE { $code }
demand-commitment-short = Promise { $code }: { $title }. { $due } { $state }, { $percent }%. Did they? CUMPLE { $code }
demand-milestone = Step { $number }: { $title }. { $due } { $state }.
demand-progress-not_started = Not started
demand-progress-in_progress = In progress
demand-progress-stuck = Stuck
demand-progress-finished = Finished
demand-progress-incomplete = Incomplete
demand-waiting = { $office } has { $code }. It must answer by { $date }.
demand-silent = { $office } did not answer { $code } in time. That is kept with its name. If it answers, we tell you.
demand-collecting = { $code } still collects: { $missing } missing. SIGN { $code }
demand-ask-vote = Promise { $code }: { $title }. Did they do it? 1 Yes 2 No 3 Half of it
demand-voted = Thanks. What counts is what those who signed { $code } say. So far: yes { $yes }, no { $no }, half { $half }.
demand-voted-few = Thanks. What counts is what those who signed { $code } say. The result is published once there are more answers.

## Alerts

demand-alerts = ALERTS and a topic tells you what is asked for in your { $municipality }: ALERTS water. ALERTS WEEK is a digest.
demand-alerts-has = You have alerts of: { $list }. BAJA and a topic ends one. ALERTS WEEK is a digest.
demand-alerts-week = week
demand-ask-alerts = Shall I tell you of new demands about { $topic } in { $place }? BAJA { $word } ends it. 1 Yes 2 No
demand-ask-alerts-week = Shall I tell you each week what is asked and answered in { $place }? BAJA SEMANA ends it. 1 Yes 2 No
demand-alerts-set = Done: I tell you of { $topic } in { $place }. To end it: BAJA { $word }
demand-alerts-set-week = Done: each week I tell you what happens in { $place }. To end it: BAJA SEMANA
demand-alerts-not = Fine, I won't tell you.
demand-alerts-stopped = You stopped messages. Write START to get them, then ALERTS.
demand-alerts-left = Done: no more alerts of { $topic }. The rest stays as it is.
demand-alerts-left-week = Done: no more weekly digest. The rest stays as it is.
demand-muted = Done: no more news of { $code }. The rest stays as it is.

## Leaders

demand-leader-ask = What is your name, and of which group or community are you? It is kept encrypted; a person calls you to verify it. CANCEL to leave it.
demand-leader-kept = Received. A person calls you to verify it. LEADER tells how it stands.
demand-leader-waits = We have your request. A person calls you to verify it.
demand-leader-yes = Your number is verified as a leader. MIS DEMANDAS shows what you carry.
demand-relay-how = To write for somebody: POR and her phone number, 10 digits. She gets a code; when she tells you, write POR and the code.
demand-relay-leaders = To write for somebody else, we verify your number first. Write LEADER.
demand-relay-sent = We sent a code to that number. If the person agrees she tells you: write POR and the code.
demand-relay-not = No other code can be sent now. Try tomorrow.
demand-relay-wrong = That code is wrong, was used or is over. Ask her to read it again.
demand-relay-ready = Done: what you send now is for that person. Write REPORT, DEMAND or SIGN with the code, within an hour.
demand-relay-code = { $service }: a verified leader wants to write for you. If you agree, tell this code: { $code }. If not, do nothing.

## News

demand-news-confirmed = Two people confirmed your { $code }. Now a person reads it; we tell you when it is public.
demand-news-published = Your demand { $code } is public. { $missing } signatures are missing until { $date }. Ask people to send FIRMO { $code }
demand-news-rejected = Your demand { $code } was not made public: { $reason }
demand-news-message-refused = Your message about { $code } was not sent: { $reason }
demand-news-merged = { $code }, which you signed, goes on in { $parent } now. You count once. RETIRO { $parent } takes it back, BAJA { $parent } ends its news.
demand-news-unmerged = { $code } goes on apart from { $parent } again. Your signature is where you put it. BAJA { $code } ends its news.
demand-news-handed-over = { $code } has { $total } signatures. { $office } has it and must answer before { $date }. BAJA { $code } ends its news.
demand-news-silent = { $office } did not answer { $code } in time. That is kept with its name. BAJA { $code } ends its news.
demand-news-message = About { $code }: { $text } BAJA { $code } ends its news.
demand-news-progress = The promise { $code } is: { $state }. Did they? CUMPLE { $code }. BAJA { $code } ends its news.
demand-news-expired = { $code } did not find enough signatures in 60 days and is closed. DEMANDS shows others.
demand-news-expired-draft = Nobody else confirmed your { $code } in 7 days and it is closed. DEMAND begins another one.
demand-news-withdrawn = Who wrote { $code } took it back. DEMANDS shows others.
demand-news-new = New in { $place }, { $code }: { $text } SIGN { $code }. BAJA { $word } ends this.
demand-news-new-short = { $code }: { $text } SIGN { $code }. BAJA { $word } ends this.
demand-news-invited = You asked for something like it. { $code }: { $text } Do you sign? SIGN { $code }
demand-week = This week in { $place }: new demands { $fresh }, answered { $answered }.{ $top } BAJA SEMANA ends this.
demand-week-top = { " " }First { $code }, { $topic }: { $total }.
demand-office = the town hall
