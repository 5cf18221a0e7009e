const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('form'), out = q('.rc-scene'), PLAY = q('template').innerHTML;
const said = () => Object.fromEntries(new FormData(form).entries());
let turn = 0;
const show = a => {
  let chosen = a.choices[0];
  const play = el('button', { type: 'button', class: 'play small', hidden: true, 'aria-label': 'Play the suggested music' }), note = el('span', { class: 'said', role: 'status' });
  play.innerHTML = PLAY;
  const chips = a.choices.map(c => el('button', { type: 'button', class: 'tb', 'aria-pressed': c === chosen ? 'true' : 'false', title: c.why, onclick: e => { chosen = c; chips.forEach(b => b.setAttribute('aria-pressed', b === e.currentTarget ? 'true' : 'false')); } }, c.mood + ' ' + c.genre + ' ', el('small', {}, Math.round(c.bpm) + ' · ' + c.share + ' %')));
  const make = el('button', { type: 'button', class: 'tb ink', onclick: async () => {
    make.disabled = true; note.textContent = 'Making…';
    const job = await st.ask(server, 'make_described', { ...chosen, seconds: a.seconds, title: said().title });
    if (!job) { make.disabled = false; note.textContent = ''; return; }
    st.follow(job.job, false);
    const off = setInterval(async () => {
      const row = await st.ask(server, 'made', { job: job.job }, true); if (!row || row.live) return;
      clearInterval(off); make.disabled = false; note.textContent = row.cause;
      if (row.sound) { play.hidden = false; Object.assign(play.dataset, { play: row.sound.url, id: row.sound.id, title: row.sound.name, sub: row.sound.meta, d: row.sound.d, len: row.sound.seconds, mixable: '1' }); mark(); play.click(); }
    }, 700);
  } }, 'Make it, free');
  out.replaceChildren(el('p', { class: 'rc-sug' }, el('b', {}, a.what), ' ', el('small', {}, a.sure + ' % sure')), el('p', { class: 'said' }, a.why + '.'),
    el('div', { class: 'rc-alt', role: 'group', 'aria-label': 'Ranked suggestions' }, ...chips), el('div', { class: 'acts' }, make, play, note));
};
form.addEventListener('submit', async e => {
  e.preventDefault(); const mine = ++turn;
  const a = await st.ask(server, 'suggest', said()); if (a && mine === turn) show(a);
});
const mark = st.wire(element, null);
