# Demandas, compromisos y avisos. Cada texto, con sus argumentos más largos, cabe en 160 septetos; la respuesta
# formal, en dos segmentos. Ninguno dice si alguien firmó antes.

## Firmar

demand-unknown = No hay una demanda pública con la clave { $code }. DEMANDAS muestra las de tu { $municipality }.
demand-needs-code = Escribe la palabra con la clave de la demanda, así: FIRMO 123. DEMANDAS muestra las claves de tu { $municipality }.
demand-ask-sign = { $code } en { $place }: { $text } ¿La firmas? 1 Sí 2 No
demand-not-signed = Está bien, no se firmó nada. DEMANDAS muestra otras.
demand-signed = Listo: tu firma está en la { $code }. Van { $total }, faltan { $missing }. Nadie ve quién firma. RETIRO { $code } la quita, BAJA { $code } quita los avisos.
demand-signed-enough = Listo: tu firma está en la { $code }. Van { $total } y ya llegó a la meta. Nadie ve quién firma. RETIRO { $code } la quita, BAJA { $code } los avisos.
demand-signed-for = Listo: su firma está en la { $code }. Van { $total }, faltan { $missing }. Nadie ve quién firma. Solo desde su teléfono se quita: RETIRO { $code }.
demand-signed-merged = La { $merged } sigue en la { $code }: ahí está tu firma. Van { $total }, faltan { $missing }. RETIRO { $code } la quita, BAJA { $code } quita los avisos.
demand-retired = Listo: no hay firma tuya en la { $code }. Van { $total }. FIRMO { $code } la pone.
demand-late = La { $code } ya tiene respuesta: no se puede firmar ni retirar. COMPROMISO { $code } dice qué contestaron.
demand-over = La demanda { $code } ya cerró. DEMANDAS muestra las que siguen.
demand-acta-sent = Gracias. Una persona revisa la foto del acta y la suma a la { $code } como apoyo en papel. Si no iba la foto, mándala con el texto ACTA { $code }.
demand-acta-by-telegram = El acta de la { $code } se manda en foto por Telegram, con el texto ACTA { $code }. También puedes llevarla a la oficina.
demand-acta-not-yours = El acta de la { $code } la manda quien escribió la demanda o un líder verificado. Para serlo escribe LIDER.
demand-ask-withdraw = La { $code } la escribiste tú. ¿Qué retiras? 1 Solo mi firma 2 Toda la demanda
demand-withdrawn = Listo: retiraste la demanda { $code }. Ya no se puede firmar.
demand-not-withdrawn = La { $code } ya no se puede retirar: ya juntó sus firmas o sigue en otra. DEMANDA { $code } dice cómo va.
demand-prove-withdraw = Tu clave para retirar toda la demanda { $code } es { $digits }. Contesta solo con la clave, antes de 10 minutos. ¿No la pediste? No hagas nada.
demand-prove-merge = Tu clave para unir tu { $code } con otra demanda es { $digits }. Contesta solo con la clave, antes de 10 minutos. ¿No la pediste? No hagas nada.
demand-prove-wrong = Esa clave no sirve: está mal, ya se usó o pasaron 10 minutos. No se cambió nada.
demand-offer = { $total } personas ya lo piden ({ $topic }). Súmate: FIRMO { $code }
demand-offer-one = Ya hay quien lo pide ({ $topic }). Súmate: FIRMO { $code }

## Confirmar

demand-confirmed = Confirmaste la { $code }: { $text } Cuenta como tu firma; RETIRO { $code } la quita.
demand-own = La { $code } es tuya. Falta que dos personas más manden CONFIRMO { $code } desde su propio número.
demand-public = La { $code } ya es pública. Para apoyarla: FIRMO { $code }
demand-moderated = La { $code } ya tiene quien la confirme. Una persona la revisa antes de hacerla pública.
demand-tries = Fueron muchas claves equivocadas. Intenta de nuevo en una hora.

## Ver

demand-show = { $code } en { $place }: { $text } { $state }
demand-show-collecting = Van { $total }, faltan { $missing }. FIRMO { $code }
demand-show-reached = Van { $total }: llegó a la meta.
demand-show-with_authority = Van { $total }. Falta la respuesta.
demand-show-answered = Van { $total }, ya contestaron. MAS
demand-show-followed = Van { $total }, hay compromiso. MAS
demand-show-archived = Cerró con { $total } firmas.
demand-show-expired = No juntó firmas a tiempo: { $total }.
demand-show-other = Aún no es pública.
demand-list = Demandas en { $place }: { $list }. DEMANDA y la clave dice cuál es.
demand-list-near = Demandas cerca de ahí: { $list }. DEMANDA y la clave dice cuál es.
demand-item = { $code } { $topic } ({ $total })
demand-item-mine = { $code } { $topic } { $state } ({ $total })
demand-more = { $list }, MAS
demand-none-here = En { $place } no hay demandas públicas. Escribe DEMANDA y lo que piden para empezar una.
demand-mine = Tus demandas: { $list }.
demand-none-mine = No has escrito demandas desde aquí. Escribe DEMANDA y lo que piden para empezar una.
demand-state-confirming = por confirmar
demand-state-moderation = en revisión
demand-state-collecting = juntando firmas
demand-state-reached = en la meta
demand-state-with_authority = por contestar
demand-state-answered = contestada
demand-state-followed = en seguimiento
demand-state-archived = cerrada
demand-state-rejected = no aceptada
demand-state-withdrawn = retirada
demand-state-expired = vencida
demand-state-merged = unida a otra

## Escribir una

demand-consent = Guardo tu número cifrado, solo para esto. Lo que pidas será público, tú no. PRIVACIDAD dice más. ¿Seguimos? 1 Sí 2 No
demand-ask-text = ¿Qué piden? Escríbelo en un mensaje, con { $limit } letras o menos y sin nombres ni teléfonos.
demand-text-long = Son { $written } letras y caben { $limit }. Escríbelo más corto, por favor.
demand-text-short = Escríbelo con palabras, por favor: qué piden y dónde. CANCELA para dejarlo.
demand-text-personal = Lo leerá todo el mundo: escríbelo sin teléfonos, correos ni datos de personas.
demand-ask-topic = ¿De qué se trata? { $list }
demand-ask-topic-more = { $list }, MAS
demand-choice = { $number } { $label }
demand-check = { $place }, { $topic }: { $text } ¿Así? 1 Sí 2 No
demand-opened = Tu demanda es la { $code }. Falta que dos personas más manden CONFIRMO { $code } a este número, desde el suyo, en 7 días. Luego una persona la revisa.
demand-dropped = Listo, lo dejamos: no se abrió ninguna demanda. DEMANDAS muestra las que hay.
demand-too-many = Ya tienes 3 demandas abiertas. MIS DEMANDAS las muestra.
demand-message-kept = Recibido. Una persona lo revisa y luego le llega a quienes firmaron la { $code }.
demand-message-waits = Ya hay un mensaje tuyo en revisión. Espera a que salga, por favor.
demand-message-from = Puedes mandar un mensaje cada 3 días. El siguiente, desde el { $date }.

## Unir

demand-merge-asked = ¿Unes tu { $code } con la { $parent }? Pide: { $text } Nadie pierde su firma. 1 Sí 2 No
demand-merge-done = Listo: tu { $code } sigue en la { $parent }. Avisamos a quienes firmaron. Cada quien cuenta una vez.
demand-merge-over = Tu { $code } y la { $parent } ya no se pueden unir: una de las dos cambió. Nada se movió.
demand-merge-refused = Está bien: tu { $code } sigue por su cuenta.

## La respuesta y el compromiso

demand-answer = Respuesta a la { $code }: { $verdict }. { $reason } { $more } COMPROMISO { $code } para seguirla.
demand-answer-cost = Costo: ${ $cost }.
demand-answer-due = Para el { $date }.
demand-verdict-accepted = aceptada
demand-verdict-partly = aceptada en parte
demand-verdict-rejected = no aceptada
demand-date = { $day } { $year }
demand-commitment = Compromiso { $code }: { $title }. { $owner }. { $due } { $state }, { $percent }%. ¿Cumplen? CUMPLE { $code }
demand-commitment-short = Compromiso { $code }: { $title }. { $due } { $state }, { $percent }%. ¿Cumplen? CUMPLE { $code }
demand-milestone = Paso { $number }: { $title }. { $due } { $state }.
demand-progress-not_started = Sin empezar
demand-progress-in_progress = En proceso
demand-progress-stuck = Detenido
demand-progress-finished = Terminado
demand-progress-incomplete = Quedó incompleto
demand-waiting = La { $code } la tiene { $office }. Debe contestar a más tardar el { $date }.
demand-silent = { $office } no contestó a tiempo la { $code }. Queda anotado con su nombre. Si contesta, te avisamos.
demand-collecting = La { $code } todavía junta firmas: faltan { $missing }. FIRMO { $code }
demand-ask-vote = Compromiso { $code }: { $title }. ¿Cumplieron? 1 Sí 2 No 3 A medias
demand-voted = Gracias. Cuenta lo que dicen quienes firmaron la { $code }. Hasta ahora: sí { $yes }, no { $no }, a medias { $half }.
demand-voted-few = Gracias. Cuenta lo que dicen quienes firmaron la { $code }. El resultado se publica cuando haya más respuestas.

## Avisos

demand-alerts = Con AVISOS y un tema te digo qué piden de eso en tu { $municipality }: AVISOS agua. AVISOS SEMANA es un resumen.
demand-alerts-has = Tienes avisos de: { $list }. BAJA y el tema quita uno. AVISOS SEMANA es un resumen.
demand-alerts-week = semana
demand-ask-alerts = ¿Te aviso cuando haya una demanda nueva de { $topic } en { $place }? Lo quitas con BAJA { $word }. 1 Sí 2 No
demand-ask-alerts-week = ¿Te mando cada semana qué piden y qué contestan en { $place }? Lo quitas con BAJA SEMANA. 1 Sí 2 No
demand-alerts-set = Listo: te aviso de { $topic } en { $place }. Para quitarlo: BAJA { $word }
demand-alerts-set-week = Listo: cada semana te digo qué pasa en { $place }. Para quitarlo: BAJA SEMANA
demand-alerts-not = Está bien, no te aviso.
demand-alerts-stopped = Tienes detenidos los mensajes. Escribe ALTA para recibirlos, y luego AVISOS.
demand-alerts-left = Listo: no te aviso de { $topic }. Lo demás sigue igual.
demand-alerts-left-week = Listo: no te mando el resumen de la semana. Lo demás sigue igual.
demand-muted = Listo: no te aviso más de la { $code }. Lo demás sigue igual.

## Líderes

demand-leader-ask = ¿Cómo te llamas y de qué grupo o comunidad eres? Se guarda cifrado; una persona te llama para verificarlo. CANCELA para dejarlo.
demand-leader-kept = Recibido. Una persona te llama para verificarlo. Con LIDER ves cómo va.
demand-leader-waits = Ya tenemos tu solicitud. Una persona te llama para verificarla.
demand-leader-yes = Tu número está verificado como líder. MIS DEMANDAS muestra lo que llevas.
demand-relay-how = Para escribir por alguien: POR y su teléfono, con 10 números. Le llega un código; cuando te lo diga, escribe POR y el código.
demand-relay-leaders = Para escribir por otra persona, primero verificamos tu número. Escribe LIDER.
demand-relay-sent = Le mandamos un código a ese número. Si la persona está de acuerdo, te lo dice: escribe POR y el código.
demand-relay-not = Ahora no se puede mandar otro código. Intenta mañana.
demand-relay-wrong = Ese código no es, ya se usó o venció. Pide que te lo lea otra vez.
demand-relay-ready = Listo: lo que mandes ahora va a nombre de esa persona. Escribe QUEJA, DEMANDA o FIRMO con la clave, en una hora.
demand-relay-code = { $service }: un líder verificado quiere escribir por ti. Si estás de acuerdo, dale este código: { $code }. Si no, no hagas nada.

## Noticias

demand-news-confirmed = Dos personas confirmaron tu { $code }. Ahora una persona la revisa; te avisamos en cuanto sea pública.
demand-news-published = Tu demanda { $code } ya es pública. Faltan { $missing } firmas hasta el { $date }. Pide que manden FIRMO { $code }
demand-news-rejected = Tu demanda { $code } no se hizo pública: { $reason }
demand-news-message-refused = Tu mensaje sobre la { $code } no se envió: { $reason }
demand-news-merged = La { $code } que firmaste sigue ahora en la { $parent }. Tu firma cuenta una vez. RETIRO { $parent } la quita, BAJA { $parent } los avisos.
demand-news-unmerged = La { $code } vuelve a ir aparte de la { $parent }. Tu firma está donde la pusiste. BAJA { $code } quita los avisos.
demand-news-handed-over = La { $code } juntó { $total } firmas. La tiene { $office }; debe contestar antes del { $date }. BAJA { $code } quita los avisos.
demand-news-silent = { $office } no contestó a tiempo la { $code }. Queda anotado con su nombre. BAJA { $code } quita los avisos.
demand-news-message = Sobre la { $code }: { $text } BAJA { $code } quita los avisos.
demand-news-progress = El compromiso { $code } está: { $state }. ¿Cumplen? CUMPLE { $code }. BAJA { $code } quita los avisos.
demand-news-expired = La { $code } no juntó las firmas en 60 días y cerró. DEMANDAS muestra otras.
demand-news-expired-draft = Nadie más confirmó tu { $code } en 7 días y se cerró. DEMANDA empieza otra.
demand-news-withdrawn = Quien escribió la { $code } la retiró. DEMANDAS muestra otras.
demand-news-new = Nueva en { $place }, { $code }: { $text } FIRMO { $code }. BAJA { $word } quita los avisos.
demand-news-new-short = { $code }: { $text } FIRMO { $code }. BAJA { $word } quita los avisos.
demand-news-invited = Pediste algo parecido. { $code }: { $text } ¿La firmas? FIRMO { $code }
demand-week = Esta semana en { $place }: demandas nuevas { $fresh }, contestadas { $answered }.{ $top } BAJA SEMANA lo quita.
demand-week-top = { " " }Primero la { $code }, { $topic }: { $total }.
demand-office = el ayuntamiento
