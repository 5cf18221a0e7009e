const st = window.st, el = st.el, box = element.querySelector('.health');
let timer = 0;
const input = (props, value = '') => { const i = el('input', { class: 'inp', ...props }); i.value = i.dataset.kept = value; return i; };
const select = (props, options) => { const s = el('select', { class: 'inp', ...props }, ...options.map(([v, t]) => el('option', { value: v }, t))); s.dataset.kept = s.value; return s; };
const button = (text, fn, cls = '') => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn }, text);
const card = (title, note, ...children) => el('section', { class: 'hcard' }, el('div', { class: 'hd' }, el('h2', {}, title), note ? el('p', {}, note) : ''), ...children);
const list = rows => el('ul', { class: 'checks money' }, ...rows);
const row = (name, text, ...acts) => el('li', {}, el('span', { class: 'cn' }, name), el('div', {}, ...[text].flat()), el('span', { class: 'acts' }, ...acts));
const bar = part => { const b = el('div', { class: 'pg' }, el('i')); b.firstChild.style.transform = 'scaleX(' + Math.min(1, part) + ')'; return b; };
const form = (fn, ...children) => el('form', { class: 'gbar three' + (children.length > 4 ? ' five' : ''), onsubmit: e => { e.preventDefault(); fn(); } }, ...children);
const change = async (name, data, said) => { const a = await st.ask(server, name, data); if (a) { if (said) st.toast('ok', said); refresh(true); } };
const spent = a => card('This month', '', el('div', { class: 'sums' },
  ...[['Today', a.today], ['This month', a.month], a.admin ? ['Fixed costs', a.fixed] : null, a.admin ? ['Together', a.whole] : null].filter(Boolean).map(([t, v]) => el('div', {}, el('small', {}, t), el('b', {}, v)))),
  a.lines.length ? list(a.lines.map(l => row(l.provider, el('p', {}, l.count.toLocaleString('en') + ' × ' + l.kind.replaceAll('_', ' ') + (l.reserved ? ', ' + l.reserved + ' reserved' : '')), el('b', { class: 'usd' }, l.settled)))) : el('p', { class: 'none' }, 'Nothing was made yet this month.'));
const quota = a => a.quota ? card('What you may make', a.quota.note, list(a.quota.rows.map(q => row(q.title, [el('p', {}, q.text), bar(q.part)])))) : '';
const plans = a => {
  if (!a.admin) return '';
  const which = select({ 'aria-label': 'Plan' }, a.known.map(p => [p.id, p.title]));
  return card('Plans', 'The allowance is used before any cash.',
    a.plans.length ? list(a.plans.map(p => { const r = row(p.title, [el('p', {}, p.text), bar(p.part), el('small', {}, p.fee + ' · ' + p.source)], button('End', () => change('let_go', { provider: p.provider }, 'Pay as you go from today'))); return r; })) : el('p', { class: 'none' }, 'No plan: everything is paid as you go.'),
    form(() => change('hold', { plan: which.value }, 'The plan counts from today'), which, el('button', { class: 'tb' }, 'I hold this plan')));
};
const alerts = a => {
  const amount = input({ placeholder: '$5 or 80 %', 'aria-label': 'Amount or percentage of the cap', required: true });
  const period = select({ 'aria-label': 'Period' }, [['day', 'a day'], ['month', 'a month']]);
  const provider = select({ 'aria-label': 'Provider' }, [['', 'every provider'], ...a.providers]);
  const kind = select({ 'aria-label': 'Kind of work' }, [['', 'all work'], ...a.kinds.map(k => [k, k.replaceAll('_', ' ')])]);
  return card('Alerts', 'The caps on the Status page have their own.',
    a.alerts.length ? list(a.alerts.map(x => row(x.age, el('p', { class: 'ring' }, x.message), button('Seen', () => change('seen', { id: x.id }))))) : '',
    a.rules.length ? list(a.rules.map(r => row('', el('p', {}, r.text), button('Remove', () => change('remove_rule', { id: r.id }))))) : a.alerts.length ? '' : el('p', { class: 'none' }, 'You are told at 75 % and 90 % of every cap. Set your own here.'),
    form(() => change('add_rule', { amount: amount.value, period: period.value, provider: provider.value, kind: kind.value }, 'The alert is set'), amount, period, provider, kind, el('button', { class: 'tb' }, 'Tell me')));
};
const fixed = a => {
  if (!a.admin) return '';
  const name = input({ placeholder: 'Graphics card …', 'aria-label': 'Name of the cost', required: true, maxlength: 120 }), usd = input({ placeholder: '$ a month', inputmode: 'decimal', 'aria-label': 'Dollars a month', required: true });
  const provider = select({ 'aria-label': 'Whose work carries it' }, [['', 'carried by all'], ...a.providers.map(([p, t]) => [p, 'by ' + t])]);
  return card('Fixed costs', 'There whether used or not; shared out over what was kept this month.',
    a.shares.length ? list(a.shares.map(s => row(s.name, el('p', {}, s.usd + ' this month over ' + s.assets.toLocaleString('en') + (s.assets === 1 ? ' asset' : ' assets') + (s.provider ? ' of ' + s.provider : '') + (s.each ? ': ' + s.each + ' each' : ', so nothing carries it yet')), s.id ? button('End', () => change('end_fixed', { id: s.id }, 'It ends today')) : ''))) : el('p', { class: 'none' }, 'None yet. Add what you pay each month whether you use it or not.'),
    form(() => change('add_fixed', { name: name.value, usd: usd.value, provider: provider.value }, 'Added'), name, usd, provider, el('button', { class: 'tb' }, 'Add')));
};
const unresolved = a => a.unresolved.length ? card('Nobody knows whether these were billed', 'Look at your account with the provider. Until you say so, the amount stays held.',
  list(a.unresolved.map(u => row(u.provider, el('p', {}, u.usd + ' · ' + u.age + ' · ' + u.why), button('Billed', () => change('resolve', { id: u.id, billed: true })), button('Not billed', () => change('resolve', { id: u.id, billed: false })))))) : '';
// A value that somebody is typing must not be painted over, neither while he types nor when an answer comes late.
const busy = () => [...box.querySelectorAll('input,select')].some(i => i === document.activeElement || i.value !== i.dataset.kept);
const refresh = async force => {
  clearTimeout(timer);
  if (st.view() === 'costs' && !document.hidden && (force || !busy())) {
    const a = await st.ask(server, 'state', {}, true);
    if (a && (force || !busy())) {
      box.replaceChildren(...st.columns([unresolved(a), quota(a), spent(a), alerts(a)], [plans(a), fixed(a)]));
      const line = document.querySelector('.money-line');
      if (line) line.textContent = a.today + ' today, ' + a.month + ' this month';
    }
  }
  if (element.isConnected) timer = setTimeout(() => refresh(false), 5000);
};
st.hear('st:view', v => { if (v.page === 'costs') refresh(false); });
refresh(false);
