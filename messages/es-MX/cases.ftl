# Reportes, preguntas y sugerencias. Cada texto, con sus argumentos más largos, cabe en 160 septetos.

## Los pasos

case-notice = Contesta { $service }. Guardo tu número cifrado y lo que cuentes, solo para atenderlo. Si sigues, aceptas. PRIVACIDAD dice más. CANCELA para no seguir.
case-consent = Guardo tu número cifrado y lo que cuentes, solo para atenderlo. PRIVACIDAD dice más. ¿Seguimos? 1 Sí 2 No
case-category = ¿De qué se trata? { $list }
case-category-question = ¿Sobre qué es tu pregunta? { $list }
case-category-more = { $list }, MAS
case-item = { $number } { $label }
case-text-complaint = ¿Qué pasa? Cuéntalo en un mensaje: qué es y desde cuándo.
case-text-question = ¿Qué quieres preguntar? Escríbelo en un mensaje.
case-text-suggestion = ¿Qué propones? Escríbelo en un mensaje.
case-again = No entendí. { $question }
case-place-too = Ya lo anoté. ¿De qué { $municipality } es? Escribe su nombre, con su { $stateword } si hay varios.
case-in-words = Escríbelo con palabras, por favor. CANCELA para dejarlo.
case-where = ¿Dónde es? Escribe la colonia y una seña: calle, escuela o tienda.
case-where-pin = ¿Dónde es? Comparte tu ubicación, o escribe la colonia y una seña: calle, escuela o tienda.
case-location-button = Compartir mi ubicación
case-there = ¿El problema está en ese punto, cerca de { $place }, { $state }? 1 Sí 2 No, en otro lado
case-extra = { $question } Si no sabes, escribe 0.
case-who = ¿Quién puede saber que fuiste tú? 1 Solo la oficina 2 Nadie 3 Todos, con mi nombre
case-name = ¿Con qué nombre lo registro?
case-resume = ¿Seguimos con tu reporte? 1 Sí 2 No
case-dropped = Listo, lo dejamos: no se abrió ningún reporte. Escribe tu { $municipality } o QUEJA.
case-likely = Ya hay un reporte parecido en { $place }: { $category }, { $since }, { $state }, de { $people }. ¿Es este mismo? 1 Sí, súmame 2 No
case-likely-short = Ya hay un reporte parecido: { $category }, { $since }, { $state }, de { $people }. ¿Es este mismo? 1 Sí, súmame 2 No
case-likely-today = de hoy
case-likely-yesterday = de ayer
case-likely-days = de hace { $days } días
case-people-one = 1 persona
case-people = { $count } personas
case-joined-likely = Listo, te sumé: con tu voz ya son { $people } en el reporte { $folio }. Te avisamos de cada cambio. Para saber: ESTADO { $folio }

## El acuse

case-receipt = Recibido. Folio { $folio }, clave { $pin }. Te contesta { $office } de { $place } a más tardar el { $date }. Para saber: ESTADO { $folio }. ¿Error? Escribe CORRIGE.
case-receipt-short = Recibido. Folio { $folio }, clave { $pin }. Te contesta { $office } de { $place } a más tardar el { $date }. Para saber: ESTADO { $folio }
case-receipt-shortest = Recibido. Folio { $folio }, clave { $pin }. Te contesta { $office } a más tardar el { $date }. Para saber: ESTADO { $folio }
case-receipt-office = Recibido. Folio { $folio }, clave { $pin }. Te contesta { $office } de { $place } a más tardar el { $date }. Solo ellos saben quién eres. Para saber: ESTADO { $folio }
case-receipt-office-short = Recibido. Folio { $folio }, clave { $pin }. Te contesta { $office } de { $place } a más tardar el { $date }. No se publica quién eres. ESTADO { $folio }
case-receipt-office-shortest = Recibido. Folio { $folio }, clave { $pin }. Te contesta { $office } a más tardar el { $date }. No se publica quién eres. ESTADO { $folio }
case-receipt-closed-office = Recibido. Folio { $folio }, clave { $pin }. Una persona lo ve a más tardar el { $date }. Solo quien lo atiende sabe quién eres. Para saber: ESTADO { $folio } { $pin }
case-receipt-hidden = Recibido. Folio { $folio }, clave { $pin }. Una persona lo ve a más tardar el { $date }. Como la otra vez, nadie sabrá quién eres. Para saber: ESTADO { $folio } { $pin }
case-receipt-urgent = Recibido. Folio { $folio }, clave { $pin }. Una persona lo ve a más tardar el { $date }. Para saber: ESTADO { $folio } { $pin }. ¿Dónde es? Escribe la colonia y una seña.
case-receipt-closed = Recibido. Folio { $folio }, clave { $pin }. Una persona lo ve a más tardar el { $date }. Para saber: ESTADO { $folio } { $pin }
case-receipt-opened = Abrimos un reporte con lo que escribiste. Folio { $folio }, clave { $pin }. Te contestan a más tardar el { $date }. Para saber: ESTADO { $folio } { $pin }
case-receipt-linked = Abrimos otro reporte por el mismo asunto. Folio { $folio }, clave { $pin }. Te contestan a más tardar el { $date }. Para saber: ESTADO { $folio }
case-other-office = Esto le toca a { $office }{ $phone }. Tu reporte sigue aquí: lo lleva { $here } y te contesta.
case-phone = { " " }(tel. { $phone })
case-urgent-emergency = Si hay peligro, llama ya al { $emergency }. Para avisar sin dar tu nombre: { $anonymous }. Lo va a ver una persona, en reserva.
case-urgent-violence = Si corres peligro, llama ya al { $emergency }. Denuncia sin nombre: { $anonymous }. { $line }: { $phone }. Lo va a ver una persona, en reserva.
case-urgent-self-harm = No estás solo ni sola. Habla ahora, gratis: { $line } { $phone }, o al { $emergency }. Lo va a ver una persona, en reserva.

## Los estados

case-state = Tu reporte { $folio }: { $state } { $next }
case-state-received = lo recibimos y falta que alguien lo lea.
case-state-in_review = alguien lo está revisando.
case-state-assigned = ya tiene quien lo atienda.
case-state-in_progress = están trabajando en eso.
case-state-scheduled = ya tiene fecha para atenderse.
case-state-answered = ya te contestaron.
case-state-resolved = la oficina dice que quedó resuelto.
case-state-closed_unfixed = se cerró sin arreglarse.
case-state-not_ours = le toca a otra oficina, y aquí seguimos al tanto.
case-state-duplicate = es el mismo que otro reporte y va junto con ese.
case-state-withdrawn = lo retiraste tú.
case-next = Hay noticias a más tardar el { $date }.
case-short-received = recibido
case-short-in_review = en revisión
case-short-assigned = asignado
case-short-in_progress = en proceso
case-short-scheduled = programado
case-short-answered = respondido
case-short-resolved = resuelto
case-short-closed_unfixed = cerrado sin arreglo
case-short-not_ours = no nos toca
case-short-duplicate = duplicado
case-short-withdrawn = retirado por ti
case-mine = Tus reportes: { $list }. Para saber más: ESTADO y el folio.
case-mine-short = Tus reportes: { $list }.
case-mine-item = { $folio } { $state }
case-mine-item-about = { $folio } { $about }: { $state }
case-mine-more = { $list }, MAS
case-none = No tengo reportes de este { $device } que pueda mostrar. QUEJA abre uno. ESTADO y tu folio con su clave muestra otro.
case-none-phone = número
case-none-chat = chat
case-folio-slip = Ese folio tiene un error: son 6 letras y números, como están en tu recibo. Escribe ESTADO, el folio y la clave.
case-folio-unknown = No coincide. Escribe ESTADO, el folio y la clave de 4 números, como están en tu recibo.
case-folio-tries = Fueron muchos intentos con otra clave. Espera una hora y prueba de nuevo.
case-folio-how = Escribe ESTADO y el folio de tu recibo. Desde otro teléfono, también la clave. MIS CASOS da la lista.

## Noticias

case-news = Tu reporte { $folio }: { $state }
case-news-closed = Hay noticias de tu reporte { $folio }: escribe ESTADO { $folio } y tu clave.
case-news-referral = Tu reporte { $folio } le toca a { $office }{ $phone }. Aquí seguimos al tanto.
case-news-reason = Tu reporte { $folio }: { $state } Motivo: { $reason }
case-news-merged = Tu reporte { $folio } es el mismo que el { $original } y va junto con ese: las noticias te llegan con el folio { $original }.
case-news-date = Tu reporte { $folio }: ya tiene fecha, el { $date }.
case-follow-up = Sobre tu reporte { $folio }: ¿ya se resolvió? 1 Sí 2 No
case-staff = { $folio }: { $text }

## Después

case-reopened = Lo abrimos otra vez y lo verá otra persona. Queda contado que no se resolvió. Folio { $folio }.
case-stars = Gracias por decirlo. ¿Qué tal te atendieron? Del 1 (mal) al 5 (muy bien).
case-rated = Gracias, lo anotamos. Escribe tu { $municipality } o QUEJA.
case-withdraw = ¿Retiras el reporte { $folio }? 1 Sí 2 No
case-withdrawn = Listo: retiraste el reporte { $folio }. Nadie lo va a atender.
case-withdraw-joined = ¿Te retiras del reporte { $folio }? Sigue abierto, porque otras personas se sumaron. 1 Sí 2 No
case-left = Listo: ya no te llegan noticias del reporte { $folio }. Sigue abierto para quienes se sumaron, con lo que contaste y sin tu número.
case-withdraw-late = El reporte { $folio } ya no se puede retirar: lo abrió una persona o pasó más de un día. Para agregar algo: QUEJA { $folio } y tu mensaje.
case-kept = Bien, el reporte { $folio } sigue.
case-correct = Escribe el texto corregido de tu reporte.
case-corrected = Listo, lo corregimos. Queda también lo que decía antes.
case-correct-late = Ya pasaron 10 minutos: no se puede corregir. Lo que escribas ahora se suma a tu reporte.
case-correct-none = No hay nada que corregir en los últimos 10 minutos. MIS CASOS da tus reportes.
case-join = ¿Es sobre tu reporte { $folio }? 1 Sí, súmalo 2 No
case-joined = Lo sumé a tu reporte { $folio }.
case-joined-closed = Se lo pasé a quien te atiende.
case-not-joined = Bien, no lo sumé. QUEJA abre un reporte nuevo. AYUDA dice más.
case-offer = ¿Quieres que lo registre como reporte, con folio, para que te contesten? 1 Sí 2 No
case-not-reported = Bien, no lo registré. Escribe tu { $municipality } o QUEJA. AYUDA dice más.
case-feedback-suggestion = Gracias por tu sugerencia. La lee una persona; si se publica, va sin tu nombre ni tu número.
case-feedback-praise = Gracias por decirlo. Lo lee una persona; si se publica, va sin tu nombre ni tu número.
case-feedback-story = Gracias por contarla. La lee una persona; si se publica, va sin tu nombre ni tu número.

## Hablar con una persona

case-person = Te contesta una persona, { $hours }.{ $line } Escribe lo que necesites: yo no contesto mientras. MENU: vuelvo yo.
case-person-line = { " " }Vas en el lugar { $line }.
case-person-folio = Tu folio para esto es { $folio }, clave { $pin }.
case-person-waits = Sigues en la lista, que es de { $line }. Contestan { $hours }. Lo que escribas lo lee una persona. MENU: vuelvo yo.
case-person-over = Sigo yo. Lo tuyo con la persona queda abierto: folio { $folio }.
hours-span = de { $first } a { $last }, de { $from } a { $to }
hours-one = { $first }, de { $from } a { $to }
hours-always = a cualquier hora
hours-hour = { $hour } h
hours-minute = { $hour }:{ $minute } h
weekday-0 = lunes
weekday-1 = martes
weekday-2 = miércoles
weekday-3 = jueves
weekday-4 = viernes
weekday-5 = sábado
weekday-6 = domingo
date-day = { $day } { $month }
month-1 = ene
month-2 = feb
month-3 = mar
month-4 = abr
month-5 = may
month-6 = jun
month-7 = jul
month-8 = ago
month-9 = sep
month-10 = oct
month-11 = nov
month-12 = dic
