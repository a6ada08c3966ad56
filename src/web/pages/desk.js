// Search as you type. Without it the form is sent by Enter and works the same. Only this desk is asked.
'use strict'
for (const form of document.querySelectorAll('form.search')) {
  const field = form.querySelector('input[type=search]')
  const place = document.getElementById('found')
  const count = document.getElementById('count')
  if (!field || !place || !count) continue
  const before = { found: [...place.childNodes], count: count.textContent, query: field.value.trim() }
  let waiting = 0
  let asking = null
  let shown = before.query

  const show = (nodes, text) => {
    place.replaceChildren(...nodes)
    count.textContent = text
  }

  const look = async () => {
    const query = field.value.trim()
    if (query === shown) return
    shown = query
    if (asking) asking.abort()
    if (query === before.query || query === '') {
      show(query === '' ? [] : before.found, query === '' ? '' : before.count)
      return
    }
    asking = new AbortController()
    const wanted = new URLSearchParams(new FormData(form))
    if (wanted.has('id')) wanted.set('client', wanted.get('id'))
    try {
      const answer = await fetch('/found?' + wanted, { signal: asking.signal, redirect: 'error' })
      if (answer.status === 401) return location.reload()
      if (!answer.ok) return
      // The desk's own markup; a parsed document runs nothing.
      const part = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const said = part.getElementById('count')
      const found = part.getElementById('found')
      if (said && found && query === field.value.trim()) show([...found.childNodes], said.textContent)
    } catch (error) {
      // Overtaken by the next letter, or the desk is closed: Enter says what is the matter.
      if (error.name !== 'AbortError') shown = null
    }
  }

  field.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(look, 180)
  })

  // Down and up walk from the field through what was found; Escape comes back to it.
  form.parentElement.addEventListener('keydown', event => {
    const links = [...place.querySelectorAll('.subject a')]
    const at = links.indexOf(document.activeElement)
    const inside = document.activeElement === field
    if (event.key === 'Escape' && at >= 0) field.focus()
    else if (event.key === 'ArrowDown' && (inside || at >= 0) && links[at + 1]) links[at + 1].focus()
    else if (event.key === 'ArrowUp' && at > 0) links[at - 1].focus()
    else if (event.key === 'ArrowUp' && at === 0) field.focus()
    else return
    event.preventDefault()
  })
}
