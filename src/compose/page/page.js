
{
  const { windows, outside, inside, now, yours } = document.querySelector('main').dataset
  const minute = 60000, present = Date.now()
  const coming = windows.split(' ').filter(Boolean).map(it => it.split('+').map(Number))
    .map(([start, length]) => [start * minute, (start + length) * minute]).filter(([, end]) => end > present)
  const language = document.documentElement.lang.replace(/^en$/, 'en-GB') + '-u-nu-latn'
  const form = options => new Intl.DateTimeFormat(language, { hourCycle: 'h23', ...options })
  const clock = { hour: '2-digit', minute: '2-digit' }, date = { weekday: 'long', day: 'numeric', month: 'long' }
  const [time, day, whole] = [form(clock), form(date), form({ ...date, ...clock })]
  const open = coming.some(([start]) => start <= present)
  const by = coming.find(([, end]) => end >= present + (open ? inside : outside) * minute)
  if (by) {
    const said = document.getElementById('now')
    said.textContent = now.replace('{when}', () => whole.format(by[1]))
    said.hidden = false
  }
  const days = new Map()
  for (const [start, end] of coming) {
    const name = day.format(start)
    if (!days.has(name) && days.size === 7) break
    const closes = end - start < 1440 * minute ? time.format(end) : whole.format(end)
    days.set(name, [...days.get(name) ?? [], `${time.format(start)}–${closes}`])
  }
  if (days.size) {
    const cell = (name, text) => Object.assign(document.createElement(name), { textContent: text })
    const row = ([name, times]) => {
      const tr = document.createElement('tr'), th = cell('th', name), td = document.createElement('td')
      th.scope = 'row'
      for (const text of times) td.append(Object.assign(cell('span', text), { className: 'slot' }), ' ')
      tr.append(th, td)
      return tr
    }
    document.querySelector('#days tbody').replaceChildren(...[...days].map(row))
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ')
    document.getElementById('clock').textContent = yours.replace('{zone}', () => zone)
  }
}
