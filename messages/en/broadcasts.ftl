# What goes to many: the office's text, and how to get no more of them.

broadcast = { $text } STOP to get no more.
broadcast-test = PRUEBA (test): { $text } STOP to get no more.
broadcast-correction = Correction: { $text }
