/** Sentences below each other. */
export function Sentences({ said }: { said: string[] }) {
  return (
    <ul>
      {said.map((one, i) => (
        <li key={i}>{one}</li>
      ))}
    </ul>
  );
}
