const st = window.st, el = st.el, box = element.querySelector('.calc');
const field = (label, props, value) => { const i = el('input', { class: 'inp', inputmode: 'numeric', ...props }); i.value = value; return [i, el('label', { class: 'field' }, el('span', {}, label), i)]; };
const [speech, f1] = field('Characters spoken', {}, '250000'), [music, f2] = field('Pieces of music', {}, '40'), [effects, f3] = field('Sound effects', {}, '0'), [seconds, f4] = field('Seconds each', {}, '60');
const model = el('select', { class: 'inp' }, el('option', { value: '' }, 'the cheapest'), ...(props.value || []).map(m => el('option', { value: m }, m)));
const examples = el('input', { type: 'checkbox' }), out = el('div', { class: 'answer', 'aria-live': 'polite' });
const dollars = v => '$' + (v >= 100 ? Math.round(v).toLocaleString('en') : v.toFixed(2));
const lines = mix => el('ul', { class: 'checks bill' }, ...mix.lines.map(l => el('li', {}, el('p', {}, l.what), el('b', { class: 'usd' }, l.usd))));
const plot = points => {
  const known = points.filter(p => p.mix !== null);
  if (known.length < 2) return '';
  const W = box.clientWidth < 500 ? 340 : 560, H = 220, L = 56, B = 28, T = 12, R = 16, top = Math.max(...known.flatMap(p => [p.mix, p.list ?? 0])) || 1, far = known[known.length - 1].x;
  const x = v => L + (W - L - R) * v / far, y = v => H - B - (H - B - T) * v / top;
  const way = key => known.filter(p => p[key] !== null).map((p, n) => (n ? 'L' : 'M') + x(p.x).toFixed(1) + ' ' + y(p[key]).toFixed(1)).join('');
  const grid = [0, 0.5, 1].map(f => '<line x1="' + L + '" x2="' + (W - R) + '" y1="' + y(top * f) + '" y2="' + y(top * f) + '"/><text x="' + (L - 8) + '" y="' + (y(top * f) + 4) + '" text-anchor="end">' + dollars(top * f) + '</text>').join('');
  const ticks = known.filter(p => p.x >= 0.5 && p.x !== 0.75).map(p => '<text x="' + x(p.x) + '" y="' + (H - 8) + '" text-anchor="middle">' + p.x + '×</text>').join('');
  const dots = known.map(p => '<circle cx="' + x(p.x) + '" cy="' + y(p.mix) + '" r="' + (p.x === 1 ? 5 : 3) + '"><title>' + p.x + '× the volume: ' + dollars(p.mix) + (p.list === null ? '' : ', by the list ' + dollars(p.list)) + '</title></circle>').join('');
  const figure = el('figure', { class: 'plot' });
  figure.innerHTML = '<svg viewBox="0 0 ' + W + ' ' + H + '" role="img" aria-label="Dollars a month by multiples of this volume"><g class="grid">' + grid + ticks + '</g><path class="list" d="' + way('list') + '"/><path class="mix" d="' + way('mix') + '"/>' + dots + '</svg>';
  figure.append(el('figcaption', {}, el('span', {}, el('span', { class: 'k mix' }), 'cheapest mix'), el('span', {}, el('span', { class: 'k list' }), 'without any plan'), el('span', {}, 'by multiples of this volume')));
  return figure;
};
const calculate = async () => {
  go.disabled = true;
  const a = await st.ask(server, 'calculate', { speech: speech.value, music: music.value, effects: effects.value, seconds: seconds.value, model: model.value, examples: examples.checked });
  go.disabled = false;
  if (!a) return;
  const free = a.free.map(f => el('p', {}, el('b', {}, '$0 '), 'with ' + f.engine + ' for ' + f.kind + ': ' + f.limits + '.'));
  if (a.not_free.length) free.push(el('p', {}, 'No engine here makes ' + a.not_free.join(' or ') + '.'));
  const bought = a.bought ? [el('h3', {}, 'Bought: ', el('b', { class: 'big' }, a.bought.usd), ' a month'), lines(a.bought)] : [el('p', {}, a.unsold.length ? 'Nobody known sells ' + a.unsold.join(' or ') + '.' : 'Nobody known sells all of it.')];
  if (a.bought && a.list && a.list.usd !== a.bought.usd) bought.push(el('p', {}, 'Without any plan: ' + a.list.usd + ' a month.'));
  out.replaceChildren(el('div', {}, el('h3', {}, 'In this studio'), ...free, ...bought), plot(a.points) || '');
};
const go = el('button', { class: 'tb ink' }, 'Calculate');
box.append(el('div', { class: 'hd' }, el('h2', {}, 'What would a month cost?'), el('p', {}, 'The cheapest mix of plans and single prices among all that are known here.')),
  el('form', { class: 'ask', onsubmit: e => { e.preventDefault(); calculate(); } }, f1, f2, f3, f4, el('label', { class: 'field' }, el('span', {}, 'Voice model'), model), go, el('label', { class: 'tick' }, examples, ' count plans of older planning documents too, which may no longer be sold')), out);
