// Logging in: by the link that the server printed, whose token is good for once.
import { useSignal } from "@preact/signals";
import { post, told } from "../api/client";
import type { Session } from "../api/types";
import { safeText } from "../text";
import { Problem } from "../ui/parts";
import { useTitle } from "../ui/title";

/** Log in with the token in the address, if there is one, and remove it there. Returns why it was refused, or null. */
export async function logInByLink(): Promise<string | null> {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    await post<Session>("session", { token });
    return null;
  } catch (refused) {
    return told(refused);
  }
}

interface LoginProps {
  problem: string | null;
  onLogin: () => Promise<void>;
}

export function Login({ problem, onLogin }: LoginProps) {
  useTitle("Log in");
  const token = useSignal("");
  const refused = useSignal(problem);
  const logIn = async (event: Event) => {
    event.preventDefault();
    const given = token.value.trim();
    try {
      await post<Session>("session", { token: given.split("token=").pop() ?? given });
      await onLogin();
    } catch (error) {
      refused.value = told(error);
    }
  };
  return (
    <main class="login">
      <form class="panel padded" onSubmit={logIn}>
        <h1>Stepwell</h1>
        <p>
          Open the link that the server printed when it was started, or get a new one with <code>stepwell console</code>
          .
        </p>
        <label class="field">
          Link or token
          <input
            type="password"
            autocomplete="off"
            required
            value={token.value}
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
        </label>
        {refused.value && <Problem>{safeText(refused.value)}</Problem>}
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </main>
  );
}
