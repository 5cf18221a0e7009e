/* 'kept' */
const st = window.st;
st.wire(element, act => {
  if (act !== 'keep') return;
  const name = prompt('Name of the template');
  if (name && name.trim()) trigger('kept', { name: name.trim() });
});
