namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>Pairs of types for the comparer: each of <see cref="Ours"/> differs from its twin in one thing.</summary>
public static class Planted
{
    public static class Real
    {
        public interface ISame<in T>
            where T : class
        {
            Task<int> RunAsync(T what, int count = 1);
        }

        public interface IBase;

        public interface IDerived : IBase;

        public interface IMethod
        {
            Task RunAsync(string key);
        }

        public interface IReturn
        {
            Task<int> RunAsync();
        }

        public interface IParameterName
        {
            Task RunAsync(string key);
        }

        public interface IDefault
        {
            Task RunAsync(string? key = null);
        }

        public interface IConstraint
        {
            T Get<T>()
                where T : IBase;
        }

        public interface ILess
        {
            void First();

            void Second();
        }

        public class Kind;

        public class Parent : Exception;

        public class Sealed;

        public class Access
        {
            public virtual void Run()
            {
            }
        }

        public class Setter
        {
            public int Value { get; init; }
        }

        [AttributeUsage(AttributeTargets.Method)]
        public sealed class TargetAttribute : Attribute;

        public enum Code
        {
            None,
            Some,
        }

        public class Old
        {
            [Obsolete("Use another.")]
            public static int Value => 1;
        }

        public class Extra;

        public interface INullable
        {
            string? Find(string key);
        }

        public class Text
        {
            public override string ToString() => "";
        }
    }

    public static class Ours
    {
        public interface ISame<in T>
            where T : class
        {
            Task<int> RunAsync(T what, int count = 1);
        }

        public interface IBase;

        public interface IDerived;

        public interface IMethod
        {
            Task RunAsync(int key);
        }

        public interface IReturn
        {
            ValueTask<int> RunAsync();
        }

        public interface IParameterName
        {
            Task RunAsync(string id);
        }

        public interface IDefault
        {
            Task RunAsync(string? key);
        }

        public interface IConstraint
        {
            T Get<T>();
        }

        public interface ILess
        {
            void First();
        }

        public struct Kind;

        public class Parent;

        public sealed class Sealed;

        public class Access
        {
            public void Run()
            {
            }
        }

        public class Setter
        {
            public int Value { get; set; }
        }

        [AttributeUsage(AttributeTargets.Class)]
        public sealed class TargetAttribute : Attribute;

        public enum Code
        {
            Some,
            None,
        }

        public class Old
        {
            public static int Value => 1;
        }

        public class Extra : IDisposable
        {
            public void Dispose() => GC.SuppressFinalize(this);
        }

        public interface INullable
        {
            string Find(string key);
        }

        public class Text
        {
            public override string? ToString() => null;
        }

        public class Unknown;
    }
}
