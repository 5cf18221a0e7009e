const st = window.st, el = st.el, q = s => element.querySelector(s);
const FIELDS = ['prompt', 'mood', 'genre', 'bpm', 'seconds', 'count'], SHOWN = 40;
const body = q('tbody'), price = q('.price'), go = q('[data-act=make]'), skip = q('[name=skip]');
let rows = [{ prompt: 'calm piano for a rainy evening', seconds: 20, count: 2 }], turn = 0, wait = 0;
const draw = () => {
  body.replaceChildren(...rows.slice(0, SHOWN).map((row, n) => el('tr', { 'data-row': n + 1 },
    ...FIELDS.map(f => el('td', {}, el('input', { class: 'inp', value: row[f] ?? '', 'aria-label': f + ' of row ' + (n + 1), ...(f === 'mood' || f === 'genre' ? { list: 'bt-' + f + 's' } : {}), maxlength: 2000, oninput: e => { row[f] = e.target.value; delete row.error; weigh(); } }))),
    el('td', {}, el('button', { type: 'button', class: 'tb', 'aria-label': 'Remove row ' + (n + 1), onclick: () => { rows.splice(n, 1); draw(); } }, '×')))));
  weigh();
};
const said = bad => {
  body.querySelectorAll('tr').forEach(r => { const why = bad[r.dataset.row]; r.classList.toggle('bad', !!why); r.title = why || ''; });
  const wrong = Object.keys(bad);
  q('.more').textContent = [rows.length > SHOWN ? 'The first ' + SHOWN + ' of ' + rows.length + ' rows.' : '', ...wrong.slice(0, 5).map(n => 'Row ' + n + ': ' + bad[n]), wrong.length > 5 ? 'and ' + (wrong.length - 5) + ' more.' : ''].filter(Boolean).join(' ');
  return wrong.length;
};
const weigh = () => {
  clearTimeout(wait); go.disabled = true; const mine = ++turn;
  wait = setTimeout(async () => {
    if (!rows.length) { price.textContent = 'No rows'; return; }
    const a = await st.ask(server, 'table_price', { rows });
    if (mine !== turn || !a) return;
    const wrong = said(a.bad); price.textContent = a.said; go.disabled = !a.items || (wrong && !skip.checked);
  }, 300);
};
const take = async file => {
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer()); let text = '';
  for (let n = 0; n < bytes.length; n += 0x8000) text += String.fromCharCode(...bytes.subarray(n, n + 0x8000));
  const a = await st.ask(server, 'table_read', { name: file.name, file: btoa(text) });
  if (a) { rows = a.rows; draw(); }
};
q('input[type=file]').addEventListener('change', e => { take(e.target.files[0]); e.target.value = ''; });
const drop = q('.drop');
drop.addEventListener('dragover', e => { e.preventDefault(); drop.classList.add('over'); });
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', e => { e.preventDefault(); drop.classList.remove('over'); take(e.dataTransfer.files[0]); });
q('[data-act=add]').addEventListener('click', () => { rows.push({ seconds: 20 }); draw(); });
skip.addEventListener('change', weigh);
go.addEventListener('click', async () => {
  go.disabled = true;
  const a = await st.ask(server, 'table_make', { rows, skip: skip.checked, at_once: q('[name=at_once]').value });
  go.disabled = false;
  if (a) { st.follow(a.job, false); st.tell('st:batch', { id: a.job }); }
});
draw();
