const st = window.st, el = st.el;
const button = (text, fn, cls = '', label = '') => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn, 'aria-label': label || text }, text);
const card = (title, note, ...children) => el('section', { class: 'card tpm' }, el('div', { class: 'hd' }, el('h2', {}, title), note ? el('p', {}, note) : ''), ...children);
const when = t => new Date(t).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const said = v => v === null || v === undefined || v === '' ? 'open' : Array.isArray(v) ? v.join(', ') || 'none' : String(v);
const history = (t, act) => {
  if (t.visibility === 'shipped') return '';
  const list = el('ul', { class: 'checks' }), diff = el('div', {});
  const compare = async version => {
    const a = await st.rest('GET', '/templates/' + t.id + '/versions/' + version); if (!a) return;
    diff.replaceChildren(el('table', { class: 'ab' }, el('thead', {}, el('tr', {}, el('th', {}, 'Field'), el('th', {}, 'Version ' + a.version), el('th', {}, 'Now, version ' + a.against))),
      el('tbody', {}, ...(a.differences.length ? a.differences.map(d => el('tr', {}, el('th', {}, d.field), el('td', {}, said(d.here)), el('td', {}, said(d.there)))) : [el('tr', {}, el('td', { colspan: 3 }, 'Nothing is different.'))]))));
  };
  (async () => {
    const rows = await st.rest('GET', '/templates/' + t.id + '/versions'); if (!rows) return;
    list.replaceChildren(...rows.map(v => el('li', {}, el('span', { class: 'cn' }, 'Version ' + v.version), el('div', {}, el('p', {}, [v.author + ', ' + when(v.created_at), v.message, v.changed.length ? 'changed ' + v.changed.join(', ') : ''].filter(Boolean).join(' · '))),
      el('span', { class: 'acts' }, v.version === t.version ? el('em', { class: 'pill' }, 'now') : button('Compare', () => compare(v.version), '', 'Compare version ' + v.version),
        v.version !== t.version && t.may_edit ? button('Go back', async () => { const a = await act.save(v.version); if (a) { st.toast('ok', 'Version ' + v.version + ' is back', 'as version ' + a.version); act.open(t.id); } }, '', 'Go back to version ' + v.version) : ''))));
  })();
  return card('History', 'Every edit is a version; going back makes another.', list, diff);
};
const sharing = (t, act) => {
  if (!t.mine) return '';
  const teams = el('div', { class: 'drow wrap' }), to = async (visibility, team_ids = []) => {
    const a = await st.rest('PUT', '/templates/' + t.id + '/sharing', { visibility, team_ids }); if (a) { st.toast('ok', { private: 'Yours alone', team: 'Shared with your team', public: 'Everybody in this studio sees it' }[a.visibility], a.name); act.open(t.id); } };
  const press = (name, text, fn) => el('button', { type: 'button', class: 'tb', 'aria-pressed': t.visibility === name, onclick: fn }, text);
  if (props.sharing) (async () => {
    const [mine, given] = await Promise.all([st.rest('GET', '/teams'), st.rest('GET', '/shares/template/' + t.id)]); if (!mine || !given) return;
    const chosen = new Set(given.map(x => x.id));
    teams.replaceChildren(...(mine.length ? mine.map(team => { const c = el('input', { type: 'checkbox' }); c.checked = chosen.has(team.id);
      c.addEventListener('change', () => { c.checked ? chosen.add(team.id) : chosen.delete(team.id); to(chosen.size ? 'team' : 'private', [...chosen]); });
      return el('label', { class: 'check' }, c, team.name); }) : [el('small', {}, 'You are in no team yet: make or join one under Team.')]));
  })();
  return card('Who sees it', 'Editors of a team may change what is shared with it.', el('div', { class: 'drow wrap', role: 'group', 'aria-label': 'Who sees it' }, press('private', 'Only me', () => to('private')), t.visibility === 'team' ? press('team', 'My team', () => {}) : '', press('public', 'Everybody in this studio', () => to('public'))), teams);
};
const talk = (t, act) => {
  if (t.visibility === 'private') return '';
  const stars = el('div', { class: 'stars', role: 'group', 'aria-label': 'Your rating' }, ...[1, 2, 3, 4, 5].map(n => el('button', { type: 'button', 'aria-label': n + ' of 5', 'aria-pressed': n <= (t.my_rating || 0), onclick: async () => {
    const a = n === t.my_rating ? await st.rest('DELETE', '/templates/' + t.id + '/rating') : await st.rest('PUT', '/templates/' + t.id + '/rating', { stars: n }); if (a) act.open(t.id, true); } }, '★')));
  const list = el('ul', { class: 'checks' }), words = el('input', { class: 'inp', maxlength: 2000, placeholder: 'Say something about it', 'aria-label': 'Comment' });
  const refresh = async () => {
    const rows = await st.rest('GET', '/templates/' + t.id + '/comments'); if (!rows) return;
    list.replaceChildren(...rows.map(c => el('li', {}, el('span', { class: 'cn' }, c.author), el('div', {}, el('p', {}, c.text), el('small', { class: 'said' }, when(c.created_at))),
      el('span', { class: 'acts' }, c.may_delete ? button('Delete', async () => { if (await st.rest('DELETE', '/templates/' + t.id + '/comments/' + c.id) !== null) refresh(); }, 'bad', 'Delete the comment of ' + c.author) : ''))));
  };
  refresh();
  return card('What people say', t.rating === null ? 'Not rated yet.' : t.rating.toFixed(1) + ' of 5 by ' + t.ratings, stars, list,
    el('form', { class: 'gbar three', onsubmit: async e => { e.preventDefault(); if (words.value.trim() && await st.rest('POST', '/templates/' + t.id + '/comments', { text: words.value })) { words.value = ''; refresh(); } } }, words, el('button', { type: 'submit', class: 'tb' }, 'Comment')));
};
st.templateAbout = (t, act) => [history(t, act), sharing(t, act), talk(t, act)].filter(Boolean);
