const st = window.st, el = st.el, q = s => element.querySelector(s);
const smart = q('.pv-rules'), smartForm = smart.querySelector('form'), ruleBox = q('.pv-r');
const OPS = { contains: 'contains', is: 'is', in: 'is one of', between: 'is between', unknown: 'is not stated' };
const NOT = { contains: 'does not contain', is: 'is not', in: 'is none of', between: 'is not between', unknown: 'is stated' };
const FITS = { text: ['contains', 'is', 'in', 'unknown'], list: ['contains', 'is', 'in', 'unknown'], number: ['between', 'is', 'in', 'unknown'], flag: ['is', 'unknown'], any: ['contains', 'is', 'between', 'in', 'unknown'] };
let ruled = null;
const kindOf = f => f.startsWith('facts') ? 'any' : (props.kinds || {})[f] || 'text';
const opsOf = f => (props.dates || []).includes(f) ? ['between', ...FITS.text] : FITS[kindOf(f)];
const isNumber = t => t !== '' && isFinite(Number(t));
const inp = (label, value, more = {}) => el('input', { class: 'inp', 'aria-label': label, value: value == null ? '' : String(value), ...more });
/* The fields for a rule's value, as its field and its operation want them. */
const values = (line, value) => {
  const field = line.querySelector('[name=field]').value, kind = kindOf(field), op = line.querySelector('[name=op]').value.replace('!', ''), room = line.querySelector('.pv-v');
  const number = kind === 'number' ? { inputmode: 'decimal' } : { maxlength: '500' };
  if (op === 'unknown') room.replaceChildren();
  else if (kind === 'flag') { const s = el('select', { class: 'inp', 'aria-label': 'Value' }, el('option', { value: 'true' }, 'Yes'), el('option', { value: 'false' }, 'No')); if (value === false) s.value = 'false'; room.replaceChildren(s); }
  else if (op === 'between') { const two = Array.isArray(value) ? value : []; room.replaceChildren(inp('From', two[0], { placeholder: 'from', ...number }), inp('To', two[1], { placeholder: 'to', ...number })); }
  else room.replaceChildren(inp('Value', Array.isArray(value) ? [...new Set(value.map(String))].join(', ') : value, { placeholder: op === 'in' ? 'several, by comma' : '', ...(op === 'in' ? {} : number) }));
};
const operations = (line, chosen, value) => {
  const field = line.querySelector('[name=field]').value, ops = opsOf(field), s = line.querySelector('[name=op]');
  line.querySelector('[name=fact]').hidden = field !== 'facts';
  s.replaceChildren(...ops.flatMap(o => [el('option', { value: o }, OPS[o]), el('option', { value: '!' + o }, NOT[o])]));
  s.value = [...s.options].some(o => o.value === chosen) ? chosen : ops[0];
  values(line, value);
};
const rule = r => {
  const given = r || { field: 'moods', op: 'contains', value: '', not: false }, fact = given.field.startsWith('facts.');
  const field = el('select', { class: 'inp', name: 'field', 'aria-label': 'Field' });
  field.innerHTML = q('.fields').innerHTML;
  const line = el('div', { class: 'pv-rule', role: 'listitem' }, field, el('input', { class: 'inp', name: 'fact', 'aria-label': 'Name of what its catalogue says', maxlength: '70', placeholder: 'its name there', value: fact ? given.field.slice(6) : '' }),
    el('select', { class: 'inp', name: 'op', 'aria-label': 'Operation' }), el('span', { class: 'pv-v' }), el('button', { type: 'button', class: 'tb sq', 'aria-label': 'Take this rule away', onclick: () => { line.remove(); if (!ruleBox.children.length) rule(); } }, '×'));
  ruleBox.append(line);
  field.value = fact ? 'facts' : given.field;
  operations(line, (given.not ? '!' : '') + (given.op === 'is' && given.value === null ? 'unknown' : given.op), given.value);
  field.addEventListener('change', () => operations(line, ''));
  line.querySelector('[name=op]').addEventListener('change', () => values(line));
  return line;
};
const valueOf = (kind, text) => kind === 'number' && isNumber(text) ? Number(text) : text;
const ruleOf = line => {
  const picked = line.querySelector('[name=field]').value, kind = kindOf(picked), [, not, op] = /^(!?)(\w+)$/.exec(line.querySelector('[name=op]').value), given = [...line.querySelectorAll('.pv-v .inp')].map(i => i.value.trim());
  const field = picked === 'facts' ? 'facts.' + line.querySelector('[name=fact]').value.trim() : picked, base = { field, not: !!not };
  if (op === 'unknown') return { ...base, op: 'is', value: null };
  if (kind === 'flag') return { ...base, op: 'is', value: given[0] === 'true' };
  if (op === 'between') { const as = t => t === '' ? null : isNumber(t) && kind !== 'text' ? Number(t) : t; return { ...base, op, value: given.map(as) }; }
  // What a catalogue alone says may be a number or its text: both are meant.
  const both = t => kind === 'any' && isNumber(t) ? [t, Number(t)] : [valueOf(kind, t)];
  if (op === 'in') return { ...base, op, value: given[0].split(',').map(t => t.trim()).filter(Boolean).flatMap(both) };
  return op === 'is' && both(given[0]).length > 1 ? { ...base, op: 'in', value: both(given[0]) } : { ...base, op, value: valueOf(kind, given[0]) };
};
const rules = () => ({ match: smartForm.elements.match.value, rules: [...ruleBox.children].map(ruleOf), sources: [...smartForm.querySelectorAll('[name=sources]:checked')].map(i => i.value), sort: smartForm.elements.sort.value, limit: Number(smartForm.elements.limit.value) || props.most });
const openRules = p => {
  ruled = p || null; smartForm.reset(); ruleBox.replaceChildren(); q('.pv-tried').hidden = true;
  smart.querySelector('h2').textContent = p ? 'Rules of ' + p.name : 'A new smart playlist';
  smartForm.elements.name.value = p ? p.name : '';
  const r = p ? p.rules : { match: 'all', rules: [null], sort: 'relevance', limit: props.most };
  smartForm.elements.match.value = r.match; smartForm.elements.sort.value = r.sort; smartForm.elements.limit.value = r.limit;
  if (r.sources) smartForm.querySelectorAll('[name=sources]').forEach(i => { i.checked = r.sources.includes(i.value); });
  r.rules.forEach(rule); smart.showModal();
};
const tryRules = async () => {
  const a = await st.rest('POST', '/music-licensing/playlists/try', { rules: rules() }), room = q('.pv-tried');
  if (!a) return;
  room.hidden = false;
  room.replaceChildren(el('b', {}, a.total === 1 ? '1 track now' : a.total.toLocaleString() + ' tracks now'), el('ul', {}, ...a.tracks.slice(0, 5).map(e => el('li', {}, [e.track.title || e.track.id, e.track.artist].filter(Boolean).join(' · ')))), a.total > 5 ? el('small', {}, 'and ' + (a.total - 5).toLocaleString() + ' more') : '');
};
