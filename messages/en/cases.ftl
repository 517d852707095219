# Reports, questions and suggestions. Each text, with its longest arguments, fits 160 septets.

## The steps

case-notice = { $service } answers. I keep your number encrypted and what you tell, only to deal with it. If you go on, you agree. PRIVACY says more. CANCEL to stop here.
case-consent = I keep your number encrypted and what you tell, only to deal with it. PRIVACY says more. Go on? 1 Yes 2 No
case-category = What is it about? { $list }
case-category-question = What is your question about? { $list }
case-category-more = { $list }, MORE
case-item = { $number } { $label }
case-text-complaint = What is wrong? Tell it in one message: what it is and since when.
case-text-question = What do you want to ask? Write it in one message.
case-text-suggestion = What do you suggest? Write it in one message.
case-again = I did not understand. { $question }
case-place-too = I noted it. In which { $municipality } is it? Write its name, with the { $stateword } if there are several.
case-in-words = Write it in words, please. CANCEL to leave it.
case-where = Where is it? Write the neighbourhood and a landmark: street, school or shop.
case-where-pin = Where is it? Share your location, or write the neighbourhood and a landmark: street, school or shop.
case-location-button = Share my location
case-there = Is the problem at that point, near { $place }, { $state }? 1 Yes 2 No, somewhere else
case-extra = { $question } If you do not know, write 0.
case-who = Who may know that it was you? 1 Only the office 2 Nobody 3 Everybody, with my name
case-name = What name should I put?
case-resume = Shall we go on with your report? 1 Yes 2 No
case-dropped = Done, we leave it: no report was opened. Write your { $municipality } or REPORT.
case-likely = There is a report like it in { $place }: { $category }, { $since }, { $state }, by { $people }. Is it the same? 1 Yes, add me 2 No
case-likely-short = There is a report like it: { $category }, { $since }, { $state }, by { $people }. Is it the same? 1 Yes, add me 2 No
case-likely-today = from today
case-likely-yesterday = from yesterday
case-likely-days = { $days } days old
case-people-one = 1 person
case-people = { $count } people
case-joined-likely = Done, you are in: { $people } now stand behind report { $folio }. We tell you of each change. To ask: STATUS { $folio }

## The receipt

case-receipt = Received. Folio { $folio }, PIN { $pin }. { $office } of { $place } answers you by { $date }. To follow it: STATUS { $folio }. A mistake? Write FIX.
case-receipt-short = Received. Folio { $folio }, PIN { $pin }. { $office } of { $place } answers you by { $date }. To follow it: STATUS { $folio }
case-receipt-shortest = Received. Folio { $folio }, PIN { $pin }. { $office } answers you by { $date }. To follow it: STATUS { $folio }
case-receipt-office = Received. Folio { $folio }, PIN { $pin }. { $office } of { $place } answers you by { $date }. Only they know who you are. To follow it: STATUS { $folio }
case-receipt-office-short = Received. Folio { $folio }, PIN { $pin }. { $office } of { $place } answers you by { $date }. Who you are is not published. STATUS { $folio }
case-receipt-office-shortest = Received. Folio { $folio }, PIN { $pin }. { $office } answers you by { $date }. Who you are is not published. STATUS { $folio }
case-receipt-closed-office = Received. Folio { $folio }, PIN { $pin }. A person sees it by { $date }. Only who deals with it knows who you are. To follow it: STATUS { $folio } { $pin }
case-receipt-hidden = Received. Folio { $folio }, PIN { $pin }. A person sees it by { $date }. As last time, nobody will know who you are. To follow it: STATUS { $folio } { $pin }
case-receipt-urgent = Received. Folio { $folio }, PIN { $pin }. A person sees it by { $date }. To follow it: STATUS { $folio } { $pin }. Where is it? Write the neighbourhood and a landmark.
case-receipt-closed = Received. Folio { $folio }, PIN { $pin }. A person sees it by { $date }. To follow it: STATUS { $folio } { $pin }
case-receipt-opened = We opened a report with what you wrote. Folio { $folio }, PIN { $pin }. You get an answer by { $date }. To follow it: STATUS { $folio } { $pin }
case-receipt-linked = We opened another report on the same matter. Folio { $folio }, PIN { $pin }. You get an answer by { $date }. To follow it: STATUS { $folio }
case-other-office = This is for { $office }{ $phone }. Your report stays here: { $here } follows it and answers you.
case-phone = { " " }(tel. { $phone })
case-urgent-emergency = If there is danger, call { $emergency } now. To tell without your name: { $anonymous }. A person will see it, in confidence.
case-urgent-violence = If you are in danger, call { $emergency } now. Without your name: { $anonymous }. { $line }: { $phone }. A person will see it, in confidence.
case-urgent-self-harm = You are not alone. Talk to somebody now, free: { $line } { $phone }, or { $emergency }. A person will see it, in confidence.

## The states

case-state = Your report { $folio }: { $state } { $next }
case-state-received = we have it, and somebody has yet to read it.
case-state-in_review = somebody is looking at it.
case-state-assigned = somebody has it to deal with.
case-state-in_progress = they are working on it.
case-state-scheduled = it has a date.
case-state-answered = you were answered.
case-state-resolved = the office says that it was put right.
case-state-closed_unfixed = it was closed without being put right.
case-state-not_ours = it is for another office, and we keep an eye on it here.
case-state-duplicate = it is the same as another report and goes with that one.
case-state-withdrawn = you took it back.
case-next = There is news by { $date }.
case-short-received = received
case-short-in_review = in review
case-short-assigned = assigned
case-short-in_progress = in progress
case-short-scheduled = scheduled
case-short-answered = answered
case-short-resolved = resolved
case-short-closed_unfixed = closed, not fixed
case-short-not_ours = not ours
case-short-duplicate = duplicate
case-short-withdrawn = taken back by you
case-mine = Your reports: { $list }. To know more: STATUS and the folio.
case-mine-short = Your reports: { $list }.
case-mine-item = { $folio } { $state }
case-mine-item-about = { $folio } { $about }: { $state }
case-mine-more = { $list }, MORE
case-none = I have no reports of this { $device } that I may show. REPORT opens one. STATUS and your folio with its PIN shows another.
case-none-phone = number
case-none-chat = chat
case-folio-slip = That folio has a slip: it is 6 letters and digits, as on your receipt. Write STATUS, the folio and the PIN.
case-folio-unknown = They do not match. Write STATUS, the folio and the PIN of 4 digits, as on your receipt.
case-folio-tries = Too many tries with another PIN. Wait an hour and try again.
case-folio-how = Write STATUS and the folio of your receipt. From another phone, the PIN too. MY CASES gives the list.

## News

case-news = Your report { $folio }: { $state }
case-news-closed = There is news of your report { $folio }: write STATUS { $folio } and your PIN.
case-news-referral = Your report { $folio } is for { $office }{ $phone }. We keep an eye on it here.
case-news-reason = Your report { $folio }: { $state } Reason: { $reason }
case-news-merged = Your report { $folio } is the same as { $original } and goes with it: news come under the number { $original }.
case-news-date = Your report { $folio }: it has a date, { $date }.
case-follow-up = On your report { $folio }: was it put right? 1 Yes 2 No
case-staff = { $folio }: { $text }

## Afterwards

case-reopened = We opened it again, and another person will see it. It is counted that it was not put right. Folio { $folio }.
case-stars = Thank you for telling. How were you served? From 1 (badly) to 5 (very well).
case-rated = Thank you, noted. Write your { $municipality } or REPORT.
case-withdraw = Do you take the report { $folio } back? 1 Yes 2 No
case-withdrawn = Done: you took the report { $folio } back. Nobody will deal with it.
case-withdraw-joined = Do you leave the report { $folio }? It stays open, since other people joined it. 1 Yes 2 No
case-left = Done: you get no more news of the report { $folio }. It stays open for those who joined, with what you told and without your number.
case-withdraw-late = The report { $folio } can't be taken back any more: somebody opened it, or it is over a day old. To add something: REPORT { $folio } and your words.
case-kept = Fine, the report { $folio } goes on.
case-correct = Write the corrected text of your report.
case-corrected = Done, corrected. What it said before is kept too.
case-correct-late = 10 minutes have passed: it cannot be corrected. What you write now is added to your report.
case-correct-none = There is nothing to correct of the last 10 minutes. MY CASES gives your reports.
case-join = Is it about your report { $folio }? 1 Yes, add it 2 No
case-joined = I added it to your report { $folio }.
case-joined-closed = I passed it on to who deals with you.
case-not-joined = Fine, I did not add it. REPORT opens a new one. HELP says more.
case-offer = Shall I register it as a report, with a folio, so that you get an answer? 1 Yes 2 No
case-not-reported = Fine, I did not register it. Write your { $municipality } or REPORT. HELP says more.
case-feedback-suggestion = Thank you for your suggestion. A person reads it; if it is published, it is without your name or number.
case-feedback-praise = Thank you for saying so. A person reads it; if it is published, it is without your name or number.
case-feedback-story = Thank you for telling it. A person reads it; if it is published, it is without your name or number.

## Talking to a person

case-person = A person will answer you, { $hours }.{ $line } Write what you need: I keep silent meanwhile. MENU brings me back.
case-person-line = { " " }You are number { $line }.
case-person-folio = Your folio for this is { $folio }, PIN { $pin }.
case-person-waits = You are still in line, with { $line } in all. They answer { $hours }. A person reads what you write. MENU brings me back.
case-person-over = I am back. What you have with the person stays open: folio { $folio }.
hours-span = { $first } to { $last }, { $from } to { $to }
hours-one = { $first }, { $from } to { $to }
hours-always = at any hour
hours-hour = { $hour }:00
hours-minute = { $hour }:{ $minute }
weekday-0 = Monday
weekday-1 = Tuesday
weekday-2 = Wednesday
weekday-3 = Thursday
weekday-4 = Friday
weekday-5 = Saturday
weekday-6 = Sunday
date-day = { $day } { $month }
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
