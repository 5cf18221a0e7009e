const st = window.st, el = st.el, q = s => element.querySelector(s);
const price = q('.price'), go = q('[data-act=start]'), shown = q('.trp');
let turn = 0, wait = 0;
const asked = () => Object.fromEntries([...element.querySelectorAll('[name]')].map(f => [f.name, f.value]));
const weigh = () => {
  clearTimeout(wait); go.disabled = true; const mine = ++turn;
  wait = setTimeout(async () => {
    const a = await server.trial_price(asked()).catch(() => null);
    if (mine !== turn || !a) return;
    price.textContent = a.error ? a.error.message : a.said; go.disabled = !!a.error;
  }, 300);
};
element.addEventListener('input', weigh);
/* From a template: what is left open here is as it says, and it says what that is. */
const of = q('[name=template]'), about = q('[data-of]'), length = q('[name=seconds]');
const FIELDS = ['prompt', 'mood', 'genre', 'seconds'];
let templates = [];
const from = () => {
  const t = templates.find(x => x.id === of.value), fields = t ? t.fields : {};
  if (t && length.value === '20') length.value = ''; else if (!t && !length.value) length.value = '20';
  for (const name of FIELDS) {
    const f = q('[name=' + name + ']'), said = t ? (fields[name] || 'open') + ' (template)' : '';
    if (f.tagName === 'SELECT') f.options[0].textContent = said || 'Open'; else f.placeholder = said;
  }
  about.hidden = !t;
  const more = Object.entries(fields).filter(([n]) => !FIELDS.includes(n)).map(([n, v]) => (props.axes[n] || n) + ' ' + v);
  about.textContent = t ? ['Version ' + t.version, ...more].join(' · ') + '. What is compared, or written here, goes before it.' : '';
  weigh();
};
const fill = async want => {
  const a = await st.rest('GET', '/templates?limit=1000'), now = want || of.value; if (!a) return;
  templates = a.templates;
  of.replaceChildren(el('option', { value: '' }, 'A prompt'), ...templates.map(t => el('option', { value: t.id }, t.name + ({ team: ' · ' + t.owner, public: ' · ' + t.owner }[t.mine ? '' : t.visibility] || ''))));
  of.value = templates.some(t => t.id === now) ? now : '';
  from();
};
of.addEventListener('change', from);
const tried = () => { const id = st.trying; st.trying = ''; fill(id); };
st.hear('st:view', v => { if (v.page === 'batch') tried(); });
go.addEventListener('click', async () => {
  go.disabled = true;
  const a = await st.ask(server, 'trial_make', asked());
  go.disabled = false;
  if (a) st.tell('st:trial', a);
});
q('[data-act=propose]').addEventListener('click', async () => {
  const a = await st.ask(server, 'trial_propose', asked()); if (!a) return;
  shown.hidden = false;
  shown.replaceChildren(el('p', {}, el('b', {}, 'Try: ' + a.values)), el('p', { class: 'said' }, a.said + ' Nothing is filled in by itself.'),
    ...a.rows.map(r => st.interval(r.axis + ' ' + r.value, r.mean, r.low, r.high, 0.5, r.choices + (r.choices === 1 ? ' choice' : ' choices') + (r.enough ? ' · best with ' + r.best + ' %' : ' · too few to say'))),
    ...(a.kept.length ? [el('p', { class: 'said' }, 'Kept elsewhere: ' + a.kept.join('; ') + '.')] : []));
});
/* One share with its interval as a bar: a dot, a line, and where chance lies. */
st.interval = (name, at, low, high, chance, note) => el('div', { class: 'iv', role: 'img', 'aria-label': name + ': ' + Math.round(at * 100) + ' %, between ' + Math.round(low * 100) + ' and ' + Math.round(high * 100) + ' %; by chance ' + Math.round(chance * 100) + ' %. ' + note },
  el('b', {}, name), el('div', { class: 'ivb' }, el('u', { style: 'left:' + chance * 100 + '%' }), el('i', { style: 'left:' + low * 100 + '%;width:' + (high - low) * 100 + '%' }), el('em', { style: 'left:' + at * 100 + '%' })), el('small', {}, note));
tried();
