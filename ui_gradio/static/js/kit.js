/* Loaded before everything else: theme, messages, and one way for parts to talk to the server and to each other. */
(() => {
  const stored = localStorage.getItem('studio-theme');
  const forced = new URL(location).searchParams.get('__theme');
  const dark = () => {
    const choice = localStorage.getItem('studio-theme');
    return choice ? choice === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  };
  const paint = () => document.body && document.body.classList.toggle('dark', forced ? forced === 'dark' : dark());
  const ready = fn => document.readyState === 'loading' ? document.addEventListener('DOMContentLoaded', fn) : fn();
  const tell = (name, detail) => window.dispatchEvent(new CustomEvent(name, { detail }));
  const hear = (name, fn) => window.addEventListener(name, e => fn(e.detail || {}));
  const clock = s => { s = Math.max(0, s || 0); return Math.floor(s / 60) + ':' + String(Math.floor(s % 60)).padStart(2, '0'); };
  const el = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name === 'class') node.className = value;
      else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (name.startsWith('aria-')) node.setAttribute(name, value);
      else if (value === true) node.setAttribute(name, '');
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.filter(c => c !== null && c !== undefined && c !== ''));
    return node;
  };
  let box;
  const toast = (kind, title, text = '') => {
    if (!box) box = el('div', { class: 'toasts', 'aria-live': 'polite' });
    // Under an open dialog a message could be neither read nor dismissed: it goes into the dialog.
    const dialog = document.querySelector('dialog:modal'), host = dialog || document.body;
    if (box.parentNode !== host) host.append(box);
    if (dialog) dialog.addEventListener('close', () => document.body.append(box), { once: true });
    for (const old of box.children) if (old.dataset.key === title + text) old.remove();
    const close = el('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => note.remove() }, '×');
    const note = el('div', { class: 'toast ' + kind, role: kind === 'error' ? 'alert' : 'status', 'data-key': title + text },
      el('div', {}, el('b', {}, title), text ? el('p', {}, text) : ''), close);
    box.append(note);
    while (box.children.length > 4) box.firstChild.remove();
    setTimeout(() => note.remove(), kind === 'error' ? 14000 : 5000);
  };
  /* Ask the server. An error is shown once, and told to the caller as null. */
  const ask = async (server, name, data = {}, quiet = false) => {
    let answer;
    try { answer = await server[name](data); }
    catch (e) { if (!quiet) toast('error', 'The studio does not answer.', 'Is it still running? The page tries again by itself.'); return null; }
    if (answer && answer.error) { if (!quiet) toast('error', answer.error.message, answer.error.hint); return null; }
    return answer;
  };
  /* The studio's REST paths. An error is shown once, and told to the caller as null; an answer without a body as ''. */
  const rest = (method, path, body) => send(method, '/api' + path, body ? JSON.stringify(body) : undefined, body ? { 'Content-Type': 'application/json' } : {});
  const send = async (method, path, body, headers = {}) => {
    let answer, data = '';
    try { answer = await fetch(path, { method, headers, body }); data = answer.status === 204 ? '' : await answer.json(); }
    catch (e) { toast('error', 'The studio does not answer.', 'Is it still running?'); return null; }
    if (answer.status === 401) { location.href = '/sign-in?next=' + encodeURIComponent(location.pathname + location.search); return null; }
    if (!answer.ok) { toast('error', data.detail || 'That did not work.', data.hint || ''); return null; }
    return data;
  };
  /* Cards in two columns, each as tall as its own cards; one below the other on a narrow page. */
  const columns = (left, right) => [left, right].map(cards => el('div', { class: 'hcol' }, ...cards.filter(Boolean)));
  const view = () => new URL(location).searchParams.get('view') || 'voice';
  const closeMenus = but => document.querySelectorAll('details.menu[open]').forEach(m => { if (m !== but) m.open = false; });
  document.addEventListener('click', e => closeMenus(e.target.closest('.menu a, .menu [role=menuitem]') ? null : e.target.closest('details.menu')));
  document.addEventListener('keydown', e => { if (e.key === 'Escape') closeMenus(null); });
  ready(paint);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
  window.st = { ready, tell, hear, clock, el, columns, toast, ask, rest, send, view, paint, dark, stored };
})();
