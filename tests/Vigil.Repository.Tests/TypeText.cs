using System.Reflection;
using System.Runtime.CompilerServices;

namespace Vigil.Repository.Tests;

/// <summary>Writes types as C# does.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(sbyte)] = "sbyte",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>The head of a type: its kind, its full name, its base and its interfaces.</summary>
    internal static string Declaration(Type type)
    {
        if (type.BaseType == typeof(MulticastDelegate))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            string parameters = MemberText.Parameters(invoke);
            return $"delegate {MemberText.Return(invoke)} {FullName(type)}{parameters}{Limits(type)}";
        }

        string kind = type switch
        {
            { IsEnum: true } => IsMarked<FlagsAttribute>(type) ? "[Flags] enum" : "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (IsMarked<IsReadOnlyAttribute>(type) ? "readonly " : "")
                + (type.IsByRefLike ? "ref struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        string[] bases = type.IsEnum ? [Name(Enum.GetUnderlyingType(type))] : [.. Bases(type)];
        string list = bases.Length == 0 ? "" : " : " + string.Join(", ", bases);
        return $"{kind} {FullName(type)}{list}{Limits(type)}";
    }

    /// <summary>A type where it is used, with the question marks of its references where they are known.</summary>
    internal static string Name(Type type, NullabilityInfo? nullability = null)
    {
        string text = Bare(type, nullability);
        bool isReference = type.IsGenericParameter
            ? type.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)
            : !type.IsValueType && !type.IsPointer && !type.IsByRef && !type.IsFunctionPointer;
        return isReference && nullability?.ReadState == NullabilityState.Nullable ? text + "?" : text;
    }

    /// <summary>The constraints of generic parameters, where there are any.</summary>
    internal static string Limits(IEnumerable<Type> parameters)
    {
        string text = "";
        foreach (Type parameter in parameters)
        {
            GenericParameterAttributes flags = parameter.GenericParameterAttributes;
            bool isUnmanaged = parameter.CustomAttributes.Any(a => a.AttributeType.Name == "IsUnmanagedAttribute");
            bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            List<string> limits = isUnmanaged ? ["unmanaged"] : isStruct ? ["struct"] : [];
            limits.AddRange(flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : []);
            limits.AddRange(parameter.GetGenericParameterConstraints()
                .Where(type => type != typeof(ValueType))
                .Select(type => Name(type)));
            limits.AddRange(
                !isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) ? ["new()"] : []);
            text += limits.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", limits)}";
        }

        return text;
    }

    private static string Limits(Type type) =>
        type.IsGenericTypeDefinition ? Limits(type.GetGenericArguments()) : "";

    private static string Bare(Type type, NullabilityInfo? nullability)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        if (type.IsArray)
        {
            string commas = new(',', type.GetArrayRank() - 1);
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{commas}]";
        }

        if (type.IsPointer || type.IsByRef)
        {
            return Name(type.GetElementType()!, nullability) + (type.IsPointer ? "*" : "&");
        }

        if (type.IsGenericParameter || !(type.IsGenericType || type.IsNested))
        {
            return type.Name;
        }

        string outer = type.IsNested ? Bare(type.DeclaringType!, null).Split('<')[0] + "." : "";
        string[] arguments =
        [
            .. type.GetGenericArguments().Select((argument, index) =>
                Name(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(index))),
        ];
        return outer + type.Name.Split('`')[0] + (arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments)}>");
    }

    private static string FullName(Type type) => type.Namespace is { } space ? $"{space}.{Name(type)}" : Name(type);

    // What a base or another interface brings along is not said again.
    private static IEnumerable<string> Bases(Type type)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            yield return Name(parent);
        }

        Type[] all = type.GetInterfaces();
        IEnumerable<Type> implied = all.SelectMany(other => other.GetInterfaces()).Concat(
            type.BaseType?.GetInterfaces() ?? []);
        foreach (string name in all.Except(implied).Select(other => Name(other)).Order(StringComparer.Ordinal))
        {
            yield return name;
        }
    }

    private static bool IsMarked<T>(Type type)
        where T : Attribute => type.IsDefined(typeof(T), inherit: false);
}
