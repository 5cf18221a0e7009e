/* 'changed' */
const st = window.st, el = st.el, PATH = '/voice/routing', list = element.querySelector('ol'), who = element.querySelector('select');
let rows = [], off = [], placed = 0;
const draw = () => list.replaceChildren(...rows.map((row, at) => el('li', { class: row.ready && row.mine ? '' : 'dim' },
  el('label', {}, el('input', { type: 'checkbox', checked: row.mine, onchange: e => put({ off: e.target.checked ? off.filter(n => n !== row.name) : [...off, row.name] }) }), el('b', {}, row.title)),
  el('small', {}, row.ready ? (row.paid ? 'bills' : 'free') : row.why),
  el('button', { type: 'button', class: 'tb', disabled: at === 0, 'aria-label': 'Ask ' + row.title + ' earlier', onclick: () => earlier(at) }, '↑'))));
const take = a => { rows = a.engines; off = a.off; placed = a.order.length; who.value = a.stand_in; draw(); };
const put = async body => {
  const a = await st.rest('PUT', PATH, body);
  if (!a) { load(); return; }
  take(a); trigger('changed', {});
};
const earlier = at => {
  const names = rows.map(r => r.name);
  [names[at - 1], names[at]] = [names[at], names[at - 1]];
  put({ order: names.slice(0, Math.max(placed, at + 1)) }); // those below keep the studio's order
};
const load = async () => { const a = await st.rest('GET', PATH); if (a) take(a); };
who.addEventListener('change', () => put({ stand_in: who.value }));
load();
