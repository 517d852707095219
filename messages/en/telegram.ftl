# Commands of Telegram's menu: the name is the word that the dialogue understands, the description
# is read beside it.

telegram-command-help = help
telegram-command-help-description = What I can write
telegram-command-menu = menu
telegram-command-menu-description = See the topics
telegram-command-report = report
telegram-command-report-description = Report a problem
telegram-command-status = status
telegram-command-status-description = How far my reports are
telegram-command-best = best
telegram-command-best-description = Similar municipalities with a better figure
telegram-command-trend = trend
telegram-command-trend-description = How the figure has changed
telegram-command-family = group
telegram-command-family-description = Which municipalities it is compared with
telegram-command-source = source
telegram-command-source-description = Where the figure comes from
telegram-command-language = language
telegram-command-language-description = Change the language
telegram-command-privacy = privacy
telegram-command-privacy-description = What is kept about me
telegram-command-stop = stop
telegram-command-stop-description = Stop receiving notices
