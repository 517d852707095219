# Órdenes del menú de Telegram: el nombre (letras minúsculas sin acento) es la palabra que entiende
# el diálogo; la descripción se lee al lado.

telegram-command-help = ayuda
telegram-command-help-description = Qué puedo escribir
telegram-command-menu = menu
telegram-command-menu-description = Ver los temas
telegram-command-report = queja
telegram-command-report-description = Reportar un problema
telegram-command-status = estado
telegram-command-status-description = Cómo van mis reportes
telegram-command-best = mejores
telegram-command-best-description = Municipios parecidos con mejor cifra
telegram-command-trend = tendencia
telegram-command-trend-description = Cómo ha cambiado la cifra
telegram-command-family = familia
telegram-command-family-description = Con qué municipios se compara
telegram-command-source = fuente
telegram-command-source-description = De dónde viene la cifra
telegram-command-language = idioma
telegram-command-language-description = Cambiar de idioma
telegram-command-privacy = privacidad
telegram-command-privacy-description = Qué se guarda de mí
telegram-command-stop = baja
telegram-command-stop-description = Dejar de recibir avisos
