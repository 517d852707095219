# Lo que lee la persona en cualquier canal. El SMS lo escribe en GSM-7 (sin á í ó ú); cada texto,
# con sus argumentos más largos, cabe en 160 septetos. El código une las frases con un espacio.

## Comparar

headline = { $place }, { $state }: { $topic } { $value } ({ $year }), { $rank } de { $size } { $peers }, mediana { $median }.
headline-short = { $place }, { $state }: { $topic } { $value } ({ $year }), { $rank } de { $size } { $peers }, med. { $median }.
headline-alone = { $place }, { $state }: { $topic } { $value } ({ $year }).
headline-absent = { $place }, { $state }: la fuente no publica { $topic } ({ $year }).
headline-has = Sí hay { $topics }.
group-1 = similares
group-2 = del estado
group-other = de familia { $family }
extremes = Mejor: { $best } ({ $bestrank }). Peor: { $worst } ({ $worstrank }).
extremes-same = En los { $count } temas es el lugar { $rank }.
extremes-same-seven = En los siete temas es el lugar { $rank }.
options-headline = { $worst }, { $other }, QUEJA o AYUDA.
options-headline-short = { $worst }, QUEJA o AYUDA.
options-headline-shortest = { $worst } o QUEJA.
options-absent = TEMAS o AYUDA.

topic = { $place }: { $value } { $label } ({ $year }), { $rank } de { $size } { $peers }, mediana { $median }.
topic-tied = { $place }: { $value } { $label } ({ $year }), { $rank } de { $size } { $peers } (empate), mediana { $median }.
topic-but = { $place }: { $value } { $label } ({ $year }), { $rank } de { $size } { $peers }, pero { $ten } de cada 10 { $absolute }. Mediana { $median }.
topic-described = { $place }: { $value } { $label } ({ $year }). Mediana de { $size } { $peers }: { $median }.
topic-alone = { $place }: { $value } { $label } ({ $year }).
topic-best = Mejor: { $best }, { $state } { $value }.
topic-best-value = Mejor: { $value }.
topic-is-best = Es el mejor.
topic-missing = { $place }: la fuente no publica { $topic } ({ $year }).
topic-suppressed = { $place }: la fuente reserva { $topic } ({ $year }): son muy pocos casos.
topic-not-applicable = { $place }: { $topic } ({ $year }) no se mide aquí.
topic-peers-median = Mediana de { $size } { $peers }: { $median }.
options-topic = MAS, MEJORES, QUEJA.
options-topic-short = MAS o QUEJA.
options-missing = TEMAS o AYUDA.

several = { $topic } ({ $year }): { $list }.
several-item = { $place }, { $state } { $value }
several-item-absent = { $place }, { $state } sin dato
several-best = Mejor: { $place }, { $state }.

newer = { $place }, { $state } es { $kind }: aún no hay cifras. Su gente se contó en { $parents }. { $choices }, QUEJA o AYUDA.
newer-short = { $place }, { $state } es { $kind }: aún no hay cifras. Se contó en { $parents }. { $choices } o AYUDA.
newer-alone = { $place }, { $state } es { $kind }: aún no hay cifras. QUEJA o AYUDA.
newer-choice = { $number } Ver { $place }

## Similares

peers-1 = Familia 1 ({ $version }): { $count } similares por { $traits }.
peers-2 = Familia 2 ({ $version }): { $municipalities } de { $state }, { $count } más este.
peers-3 = Familia 3 ({ $version }): { $count } de igual ruralidad y población parecida.
peers-4 = Familia 4 ({ $version }): { $count } con parecida lengua indígena.
peers-5 = Familia 5 ({ $version }): { $count } de población parecida.
peers-nearest = Se parece en eso a { $nearest }.
peers-far = { $few } son como este.
peers-none = Sin { $municipalities } con que comparar: faltan datos de { $place }.
options-peers = MAS o FAMILIA { $next }.
families = Escribe FAMILIA y un número: { $options }.
family-1 = 1 parecidos
family-2 = 2 de tu { $stateword }
family-3 = 3 igual de rurales
family-4 = 4 lengua parecida
family-5 = 5 población parecida
ranks = { $place }, lugar entre similares: { $list }.
ranks-item = { $topic } { $rank }/{ $size }
ranks-item-short = { $topic } { $rank }
ranks-none = sin datos

areas-official = { $place }: { $value } { $label } ({ $year }). Datos oficiales: { $state } { $statevalue }, país { $countryvalue }.
areas-mean = { $place }: { $value } { $label } ({ $year }). Promedio de municipios: { $state } { $statevalue }, país { $countryvalue }.
areas-none = No hay dato del estado ni del país sobre { $topic }.

## Años

trend = { $place }, { $topic }: { $points }.
trend-point = { $year } { $value }
trend-point-absent = { $year } sin dato
trend-better = De { $from } a { $to } mejoró.
trend-worse = De { $from } a { $to } empeoró.
trend-rose = De { $from } a { $to } subió.
trend-fell = De { $from } a { $to } bajó.
trend-unclear = De { $from } a { $to }, sin cambio claro.
trend-warned = Ojo: MAS dice por qué.
trend-broken = { $from } y { $to } no se comparan: cambió la medición.
trend-broken-short = { $from } y { $to } no se comparan.
trend-one-year = Solo hay dato de { $year }.
trend-no-data = No hay datos de { $place } sobre { $topic }.
trend-note = { $topic }, { $from } y { $to }: { $note }

## Quién

best = Mejores de { $size } { $peers } en { $topic } ({ $year }): { $list }.
best-own = { $place } es el lugar { $rank }.
best-item = { $place }, { $state } { $value }
behind-women = { $place }, { $topic } ({ $year }): mujeres { $women }, hombres { $men }. Van peor las mujeres, por { $gap } puntos.
behind-men = { $place }, { $topic } ({ $year }): mujeres { $women }, hombres { $men }. Van peor los hombres, por { $gap } puntos.
behind-equal = { $place }, { $topic } ({ $year }): mujeres { $women }, hombres { $men }. Van igual.
behind-suppressed = El dato por sexo de { $place } está reservado por ser pocos casos.
behind-places = No hay dato por grupo. Los más atrasados de { $size } { $peers } en { $topic } ({ $year }): { $list }.
behind-places-short = No hay dato por grupo. Más atrás en { $topic } ({ $year }): { $list }.
not-judged = { $topic } describe, no dice mejor ni peor. TENDENCIA { $topic } o TEMAS.

## Definiciones y fuentes

definition = { $definition }
series-definition = { $name } ({ $unit }). { $source }, { $years }.
source-who = { $topic }: { $institution }, { $year }. Licencia: { $licence }. MAS.
source-title = Publicación: { $publication }.
source-release = Datos { $release }, suma { $checksum }. Regla nuestra: menos de { $points } puntos ({ $small } si viven menos de { $people }) es sin cambio claro.
source-release-plain = Datos { $release }, suma de control { $checksum }.
topics = Temas: { $list }.
topics-more = Más temas: { $list }.
more-word = MAS

## El lugar

which-same = Hay { $total } { $name }. ¿Cuál? { $list }
which-other = ¿Cuál? { $list }
which-more = { $list }, MAS
which-item = { $number } { $label }
which-place = { $place }, { $state }
which-told-apart = { $state } { $detail }, { $people } hab
which-told-apart-plain = { $state } { $detail }
ask-place = ¿De qué { $municipality }? Escribe su nombre, con su { $stateword } si hay varios.
nearest = Lo más cercano es { $place }, { $state } (a { $km } km). ¿Es ahí? 1 Sí 2 No
nearest-here = ¿Es { $place }, { $state }? 1 Sí 2 No
home-set = Listo: tu { $municipality } es { $place }, { $state }. MAS para ver sus cifras, o un tema: { $topics }.
no-such-place = No lo encuentro. Escribe el nombre completo del lugar con su { $stateword }, o su código postal.
far-away = Ese punto está lejos de toda cabecera que conozco. Escribe el nombre de tu { $municipality }.
not-there = ¿De qué { $municipality } entonces? Escribe su nombre.

## Trato

greeting = Hola, soy { $service }. Escribe el nombre de tu { $municipality } y te digo cómo está entre otros parecidos. AYUDA dice más.
thanks = De nada. Escribe tu { $municipality } o un tema: { $topics }. AYUDA dice más.
cost = Escribirme cuesta lo que cobre tu compañía por un SMS. { $service } no cobra nada. AYUDA dice más.
who-answers = Soy { $service }, un programa que contesta con cifras oficiales. Nadie te pide datos ni dinero. PRIVACIDAD o AYUDA.
help = Escribe tu { $municipality } (ejemplo: { $example }). Luego un tema: { $topics }. QUEJA: reportar. MIS CASOS: cómo van. MENU: opciones. BAJA: sin avisos. Sigue: MAS.
help-more = ESTADO y tu folio: cómo va. DEMANDAS, PREGUNTA, SUGERENCIA, HABLAR con alguien. IDIOMA, PRIVACIDAD, MIS DATOS, BORRAR. No cobramos. Sigue: MAS.
help-compare = MEJORES, QUIEN, TENDENCIA, FAMILIA, QUE ES { $headline }, FUENTE, TEMAS, CAMBIAR de { $municipality }, COMPARA { $example } CON otro.
compare-how = ¿De qué { $municipality }? Escribe su nombre. También puedes: COMPARA { $example } CON otro, o COMPARA { $example } { $headline }.
menu = 1 Mi { $municipality } 2 Temas 3 Reportar 4 Mis casos 5 Ayuda
notice = Contesta { $service }. Guardo tu número cifrado y lo que escribes, para responderte. PRIVACIDAD dice más. BAJA: no recibir avisos.
privacy = { $service } guarda tu número cifrado, lo que escribes, tu { $municipality } e idioma. Es para contestarte. No se vende ni se publica. MAS.
privacy-more = Tu compañía o Telegram también ve tus mensajes. No escribas aquí lo que te ponga en riesgo. BAJA detiene avisos. MIS DATOS, CORREGIR DATOS o BORRAR: lo tuyo.
stopped = Listo: ya no recibirás avisos de { $service }. Si preguntas algo, te contesto. ALTA para volver.
already-stopped = Ya estabas de baja: no te mandamos avisos. ALTA para volver.
started = Listo: puedes recibir avisos otra vez. Escribe tu { $municipality }. BAJA los detiene.
already-started = No estás de baja. Escribe tu { $municipality } o un tema: { $topics }.
ask-stop = ¿Quieres dejar de recibir mensajes? 1 Sí 2 No
not-stopped = Bien, todo sigue igual. Escribe tu { $municipality } o AYUDA.
cancelled = Listo, lo dejamos. Escribe tu { $municipality } o AYUDA.
no-more = Es todo. Escribe otro tema ({ $topics }), otro lugar o AYUDA.
no-such-choice = Ese número no está en la lista. Escribe uno de los que ves, o el nombre. MENU para empezar.
hint = No entendí. Escribe solo el nombre de tu { $municipality }, por ejemplo: { $example }. AYUDA dice más.
second-hint = Sigo sin entender. Prueba con una palabra: { $topics }, o con tu código postal. MENU da opciones.
kept-for-person = No lo entiendo, así que guardé tu mensaje para que lo lea una persona. No hay plazo de respuesta. MENU da opciones.
no-such-family = Esa familia no existe aquí. FAMILIA dice cuáles hay.
no-such-topic = No tengo ese tema. TEMAS da la lista.
only-text = Leo texto y ubicaciones. Una foto o voz va con el reporte que abras hoy con QUEJA; si no, se borra en 24 horas. Escribe tu { $municipality }.
folded = Llegaron muchos mensajes tuyos juntos: los guardé todos, sin contestar cada uno. Espera un minuto y escribe uno solo.
pause = Ya son muchas respuestas en poco tiempo: hago una pausa. Lo que escribas se guarda y BAJA siempre funciona. Escribe más tarde.
languages = Idioma: { $list }. Escribe el número.
language-set = Listo, sigo en español. Escribe tu { $municipality } o AYUDA.
language-partial = Algunos textos aún no están en esta lengua: van en español.

## Lo que aún no abre

not-open = { $feature } aún no abre aquí: no se hizo nada con tu mensaje. Sí puedo comparar tu { $municipality }: escribe su nombre. AYUDA.
feature-report = El buzón de quejas
feature-suggestion = El buzón de sugerencias
feature-question = El buzón de preguntas
feature-status = La consulta de folios
feature-my-cases = La lista de tus casos
feature-demand = El registro de demandas
feature-cosign = La firma de demandas
feature-leader = El registro de líderes
feature-commitment = El registro de compromisos
feature-times = La lista de tiempos de respuesta
feature-survey = La encuesta
feature-alerts = El servicio de avisos
feature-link = Unir teléfono y Telegram
feature-my-data = La consulta de tus datos
feature-fix = Corregir mensajes
feature-person = La atención de una persona

## Unir teléfono y Telegram

link-code-for-telegram = Tu clave es { $code }. En nuestro Telegram escribe VINCULA { $code } antes de 10 minutos. No la des a nadie: nadie te la va a pedir.
link-code-for-sms = Tu clave es { $code }. Desde tu teléfono manda un SMS que diga VINCULA { $code } antes de 10 minutos. No la des a nadie.
link-back = Falta un paso. En el chat de Telegram donde pediste la clave escribe VINCULA { $code } antes de 10 minutos. ¿No fuiste tú? No hagas nada.
link-ask = ¿Unir este chat con el teléfono que pidió la clave? Serán una sola persona. 1 Sí 2 No
link-done = Listo: tu teléfono y este chat ya son una sola persona. VINCULA NO los separa.
link-told = Tu número se unió a un chat de Telegram con la clave que pediste. ¿No fuiste tú? Escribe VINCULA NO y se separa.
link-not-done = Bien, no se unió nada. Para otra clave escribe VINCULA.
link-wrong = Esa clave no sirve: está mal, ya se usó o pasaron 10 minutos. Para otra escribe VINCULA.
link-too-many = Fueron 3 claves equivocadas. Espera 10 minutos y pide otra con VINCULA.
link-own = Esa clave se escribe en el otro canal, no en este donde la pediste.
link-how = Escribe VINCULA para pedir una clave, o VINCULA y los 6 números de la que tienes. VINCULA NO separa.
link-parted = Listo: ya no están unidos. Para unirlos otra vez escribe VINCULA.
link-not-linked = Este canal no está unido con otro. Para unirlo escribe VINCULA.

## Tus datos

privacy-code-sent = Te mando aparte un mensaje con una clave de 6 números. Escríbela aquí antes de 10 minutos: así sé que el número es tuyo.
privacy-code = Tu clave para { $what } es { $code }. Contesta solo con la clave, antes de 10 minutos. No la des a nadie. ¿No la pediste? No hagas nada.
privacy-what-access = ver tus datos
privacy-what-correction = corregir tus datos
privacy-what-erasure = borrar todos tus datos
privacy-code-waits = Ya te mandé una clave de 6 números en otro mensaje: escríbela aquí. Si no llega, espera 10 minutos y pídela otra vez.
privacy-no-more-codes = Ya te mandé 5 claves hoy. Pide otra mañana, o escribe HABLAR y te atiende una persona.
privacy-wrong = Esa clave no sirve: está mal, ya se usó o pasaron 10 minutos. Para otra escribe MIS DATOS, CORREGIR DATOS o BORRAR.
privacy-too-many = Fueron 3 claves equivocadas. Espera 10 minutos y pide otra.
privacy-elsewhere = Aquí no puedo comprobar que el número es tuyo: no se hizo nada. Pídelo en nuestro Telegram, o escribe HABLAR y te atiende una persona.
privacy-elsewhere-person = Aquí no puedo comprobar que el número es tuyo: no se hizo nada. Escribe HABLAR y te atiende una persona.
privacy-kept = Guardo tu { $device } cifrado, lo que escribes desde el { $since }, { $answers } respuestas, tu { $municipality } e idioma. Reportes: { $cases }, abiertos { $open }. MAS.
privacy-demands = Demandas que escribiste: { $written }. Que firmas, en secreto: { $signed }. Avisos que pediste: { $alerts }.
privacy-feedback = Opiniones: { $feedback }.
privacy-consent = Aceptaste el aviso { $version } el { $date }.
privacy-no-consent = No has aceptado el aviso de los reportes.
privacy-joined = Tu teléfono y Telegram están unidos.
privacy-stopped = Avisos: no quieres.
privacy-not-stopped = Avisos: permitidos.
privacy-next = CORREGIR DATOS o BORRAR.
privacy-ask-erase = ¿Borro tu número o chat, tus mensajes y tus reportes? Quedan solo cuentas, sin tus palabras. No se puede deshacer. 1 Sí 2 No
privacy-ask-erase-later = Sigue abierto { $list }. Si aceptas, queda hasta que se cierre y ahí borro todo. No se puede deshacer. ¿Lo borro? 1 Sí 2 No
privacy-and-more = { " " }y { $count } más
privacy-cases = { $count } de tus reportes
privacy-erasing = Listo: ya no te mando avisos, y a más tardar el { $by } borro tu número o chat, tus mensajes y reportes. ¿No fuiste tú? Escribe HABLAR.
privacy-erasing-later = Listo: ya no te mando avisos. Cuando se cierren tus reportes lo borro todo, en 15 días a lo más. ¿No fuiste tú? Escribe HABLAR.
privacy-not-erased = Bien, no borro nada. MIS DATOS dice qué guardo.
privacy-ask-words = ¿Qué dato está mal y cómo debe decir? Escríbelo en un mensaje.
privacy-noted = Anotado. Una persona lo corrige, o te dice por qué no, a más tardar el { $by }.
privacy-already = Ya lo pediste y sigue en curso. Queda resuelto a más tardar el { $by }.
privacy-over = Pasó mucho tiempo desde que pregunté, así que no hice nada. Pídelo otra vez.
privacy-done = Lo que pediste sobre tus datos ya se hizo: { $text }
privacy-refused = Lo que pediste sobre tus datos no procede: { $text }
date-year = { $day } { $year }

## Un dato corregido
correction = Corregimos una cifra que viste. { $place }, { $state }, { $topic } { $year }: { $is }, no { $was }. { $source }. BAJA: no recibir avisos.
correction-short = Corregido: { $place }, { $state }, { $topic } { $year }: { $is }, no { $was }. { $source }
