-- Requests of many phones for wrk, each with an id of its own: wrk -s requests.lua URL -- PREFIX PHONES
local prefix, phones, count = "run", 5000, 0
local texts = { "tlapa", "ometepec", "neza", "merida", "leon", "oaxaca+de+juarez", "puebla", "chilapa" }

function init(arguments)
  prefix = arguments[1] or prefix
  phones = tonumber(arguments[2]) or phones
end

function request()
  count = count + 1
  local phone = 10000000 + (count * 7919) % phones
  return wrk.format("GET", string.format(
    "/webhooks/sms/telco?key=k0123456789abcdef&from=%%2B5255%08d&to=55555&id=%s-%d&text=%s",
    phone, prefix, count, texts[count % #texts + 1]))
end
