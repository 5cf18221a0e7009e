const st = window.st, el = st.el, box = element.querySelector('.health');
let timer = 0;
const pill = (text, kind) => el('span', { class: 'pill ' + kind }, text);
const copy = text => el('button', { type: 'button', class: 'tb', onclick: async e => { try { await navigator.clipboard.writeText(text); e.target.textContent = 'Copied'; } catch (x) { st.toast('ok', text); } } }, 'Copy');
const mend = text => text ? el('div', { class: 'mend' }, el('code', {}, text), copy(text)) : '';
const card = (title, note, ...children) => el('section', { class: 'hcard' }, el('div', { class: 'hd' }, el('h2', {}, title), note ? el('p', {}, note) : ''), ...children);
const WORD = { ready: ['ready', 'good'], missing: ['missing', 'warn'], broken: ['broken', 'bad'] };
const NAME = { ffmpeg: 'ffmpeg', mart: 'Dashboard data', credentials: 'Content credentials' };
const local = text => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/, t => new Date(t).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' }));
const checks = a => card('This studio', a.home, el('ul', { class: 'checks' }, ...a.checks.map(c => el('li', {},
  el('span', { class: 'cn' }, NAME[c.name] || c.name[0].toUpperCase() + c.name.slice(1)), el('div', {}, el('p', {}, local(c.detail)), c.state !== 'ready' ? mend(c.remedy) : ''), pill(...(WORD[c.state] || [c.state, '']))))));
const providers = a => card('Providers', 'Asked from the top; the next one steps in only where nothing was billed.', ...a.providers.map(g => el('div', { class: 'pgroup' }, el('h3', {}, g.kind),
  el('ul', { class: 'checks' }, ...g.rows.map((p, n) => el('li', {}, el('span', { class: 'cn' }, p.title), el('div', {}, el('p', {}, p.ready ? p.price : p.why), p.ready ? '' : mend(p.remedy)),
    el('span', { class: 'acts' }, pill(...WORD[p.ready ? 'ready' : 'missing']),
      p.blocked && a.admin ? el('button', { type: 'button', class: 'tb', onclick: () => change('dismiss', { provider: p.name }) }, 'Allow again') : '',
      a.admin && n > 0 ? el('button', { type: 'button', class: 'tb', 'aria-label': 'Ask ' + p.title + ' first', onclick: () => change('put_first', { kind: g.kind, name: p.name }) }, 'First') : '')))))));
const caps = a => card('Caps', 'Nothing is bought that is not reserved under every cap.', el('div', { class: 'caps' }, ...a.caps.map(c => {
  const limit = el('input', { class: 'inp', inputmode: 'decimal', 'aria-label': 'Cap for ' + c.title + ' in dollars', disabled: !a.admin }); limit.value = limit.dataset.kept = c.limit;
  const alerts = el('input', { class: 'inp', 'aria-label': 'Alerts for ' + c.title + ' in percent', disabled: !a.admin }); alerts.value = alerts.dataset.kept = c.alerts;
  const bar = el('div', { class: 'pg' }, el('i')); bar.firstChild.style.transform = 'scaleX(' + Math.min(1, c.part) + ')';
  const store = () => change('set_cap', { scope: c.scope, limit: limit.value, alerts: alerts.value }, 'Cap changed');
  [limit, alerts].forEach(i => i.addEventListener('keydown', e => { if (e.key === 'Enter') store(); }));
  return el('div', { class: 'cap1' }, el('div', { class: 'cw' }, el('b', {}, c.title[0].toUpperCase() + c.title.slice(1)), c.held !== '' ? el('small', {}, '$' + c.held + ' used or held, $' + c.left + ' left') : el('small', {}, 'the most one job may cost'), c.held !== '' ? bar : ''),
    el('label', { class: 'field' }, el('span', {}, 'Cap in $'), limit), el('label', { class: 'field' }, el('span', {}, 'Alerts at %'), alerts), a.admin ? el('button', { type: 'button', class: 'tb', onclick: store }, 'Set') : '');
})));
const alerts = a => a.alerts.length ? card('Alerts', '', el('ul', { class: 'checks' }, ...a.alerts.map(x => el('li', {}, el('span', { class: 'cn' }, x.age), el('div', {}, el('p', {}, x.message)), el('button', { type: 'button', class: 'tb', onclick: () => change('dismiss', { id: x.id }) }, 'Seen'))))) : '';
const change = async (name, data, said) => { const a = await st.ask(server, name, data); if (a) { if (said) st.toast('ok', said); refresh(true); } };
// A value that somebody is typing must not be painted over, neither while he types nor when an answer comes late.
const busy = () => [...box.querySelectorAll('input')].some(i => i === document.activeElement || i.value !== i.dataset.kept);
const refresh = async force => {
  clearTimeout(timer);
  if (st.view() === 'status' && !document.hidden && (force || !busy())) {
    const a = await st.ask(server, 'status', {}, true);
    if (a && (force || !busy())) {
      box.replaceChildren(...st.columns([alerts(a), checks(a)], [caps(a), providers(a)]));
      const bad = a.checks.filter(c => c.state === 'broken').length, line = document.querySelector('.status-line');
      if (line) line.textContent = bad ? bad + ' things need you' : 'All that is needed is ready';
    }
  }
  if (element.isConnected) timer = setTimeout(() => refresh(false), 5000);
};
st.hear('st:view', v => { if (v.page === 'status') refresh(false); });
refresh(false);
