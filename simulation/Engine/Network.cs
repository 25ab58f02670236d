namespace LlmObserve.Simulation.Engine;

/// <summary>What is under way to the database or to another grain: sent, then done there, then answered; or lost at either point.</summary>
internal sealed class Network
{
    private readonly List<Message> _messages = [];

    public int Count => _messages.Count;

    public Message this[int at] => _messages[at];

    /// <summary>Sends a call from an activation; its answer comes when the world lets it.</summary>
    /// <param name="from">Who calls.</param>
    /// <param name="name">For the trace.</param>
    /// <param name="execute">What is done there, in one step.</param>
    /// <param name="lost">The answer where it is lost or refused; it may throw.</param>
    public async Task<T> SendAsync<T>(Node from, string name, Func<T> execute, Func<bool, T> lost)
    {
        var message = new Message<T>(from, name, execute);
        _messages.Add(message);
        return await message.Answer.Task is { } answered ? answered.Value : lost(message.Refused);
    }

    public void Remove(Message message) => _messages.Remove(message);

    /// <summary>One call under way.</summary>
    internal abstract class Message(Node from, string name)
    {
        public Node From { get; } = from;

        public string Name { get; } = name;

        public bool IsDone { get; protected set; }

        /// <summary>Its answer is long on its way.</summary>
        public bool IsSlow { get; set; }

        /// <summary>It never arrived: surely nothing was done.</summary>
        public bool Refused { get; private set; }

        /// <summary>Its sender gave it up, and it is done there all the same, later.</summary>
        public bool GivenUp { get; private set; }

        public abstract void Do();

        public abstract void Deliver();

        public abstract void Lose();

        public void GiveUp()
        {
            GivenUp = true;
            Lose();
        }

        public void Refuse()
        {
            Refused = true;
            Lose();
        }
    }

    private sealed class Message<T>(Node from, string name, Func<T> execute) : Message(from, name)
    {
        private T _value = default!;
        private Exception? _error;

        public TaskCompletionSource<Answered<T>?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Do()
        {
            try
            {
                _value = execute();
            }
            catch (InvalidOperationException e)
            {
                // What the other side throws travels back.
                _error = e;
            }

            IsDone = true;
        }

        public override void Deliver()
        {
            if (_error is not null)
            {
                Answer.SetException(_error);
            }
            else
            {
                Answer.SetResult(new Answered<T>(_value));
            }
        }

        public override void Lose() => Answer.SetResult(null);
    }

    private sealed record Answered<T>(T Value);
}
