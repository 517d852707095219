# Lo que se manda a muchos: el texto de la oficina, y cómo dejar de recibirlo.

broadcast = { $text } ALTO para no recibir más.
broadcast-test = PRUEBA: { $text } ALTO para no recibir más.
broadcast-correction = Corrección: { $text }
